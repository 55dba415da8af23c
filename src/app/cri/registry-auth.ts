// SPDX-License-Identifier: Apache-2.0
import type {AuthConfig} from '../../cri/gen/runtime/v1/pull.ts'
import {UserError} from '../../model/user-error.ts'

/** How a user says who they are at a registry; at most one of them. */
export interface CredentialWords {
  /** `USER:PASSWORD`, or `USER` */
  readonly creds?: string | undefined
  /** the same in base64 */
  readonly auth?: string | undefined
}

const NOBODY: AuthConfig = {username: '', password: '', auth: '', serverAddress: '', identityToken: '', registryToken: ''}

/**
 * Credentials for a pull; undefined: none.
 *
 * @throws UserError when both forms are given, or the user has no name
 */
export function authOf({creds, auth}: CredentialWords): AuthConfig | undefined {
  if (creds !== undefined && auth !== undefined) throw new UserError('--creds and --auth are two ways to say the same.', 'Give one of them.')
  if (auth !== undefined) return {...NOBODY, auth}
  return creds === undefined ? undefined : withPassword(creds)
}

/** @throws UserError when the user has no name */
function withPassword(creds: string): AuthConfig {
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(creds) ?? []
  if (username === '') throw new UserError('--creds has no user name.', 'Give it as USER:PASSWORD.')
  return {...NOBODY, username, password}
}

export function passwordAuth(username: string, password: string): AuthConfig {
  return {...NOBODY, username, password}
}

/**
 * What docker's configuration knows of the registry of an image; undefined: nothing.
 *
 * @param config content of a config.json
 * @throws UserError when the password is kept by a program, which is not run as root
 */
export function authFromDockerConfig(config: unknown, image: string, file: string): AuthConfig | undefined {
  const {auths, credHelpers, credsStore} = (config ?? {}) as {readonly auths?: unknown; readonly credHelpers?: unknown; readonly credsStore?: unknown}
  const names = registryNames(image)
  const entry = names.map((name) => own(auths, name)).find((value) => typeof value === 'object' && value !== null) as Record<string, unknown> | undefined
  const found = {auth: text(entry?.['auth']), username: text(entry?.['username']), password: text(entry?.['password']), identityToken: text(entry?.['identitytoken'])}
  // No server address: containerd wants a URL there, and takes no credentials where its host is not that of the registry (ParseAuth in image_pull.go).
  if (found.auth !== '' || found.username !== '' || found.identityToken !== '') return {...NOBODY, ...found}
  const helper = names.map((name) => text(own(credHelpers, name))).find((name) => name !== '') ?? (entry === undefined ? '' : text(credsStore))
  if (helper === '') return undefined
  throw new UserError(`${file}: the password for ${names[0]} is kept by docker-credential-${helper}, which rtctl does not run.`, 'Ask it yourself and give the answer with --creds.')
}

/** Names under which docker keeps the registry of an image (distribution/reference, docker/cli). */
function registryNames(image: string): readonly string[] {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = isHost ? first : 'docker.io'
  if (host === 'docker.io' || host === 'index.docker.io') return ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
  return [host, `https://${host}`, `http://${host}`]
}

function own(table: unknown, name: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, name) ? (table as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
