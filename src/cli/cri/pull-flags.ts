// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {authFromDockerConfig, authOf, passwordAuth} from '../../app/cri/registry-auth.ts'
import type {AuthConfig} from '../../cri/gen/runtime/v1/pull.ts'
import {UserError} from '../../model/user-error.ts'
import {readJson} from './config-files.ts'
import {durationFlag} from './duration.ts'

const GROUP = 'PULL'

/** Flags of the commands that pull. */
export const pullFlags = {
  creds: Flags.string({helpGroup: GROUP, helpValue: 'USER:PASSWORD', env: 'CRICTL_CREDS', summary: 'Who to be at the registry. Others can see it in the process list: see --username.'}),
  auth: Flags.string({helpGroup: GROUP, helpValue: 'BASE64', env: 'CRICTL_AUTH', summary: 'The same in base64, as config.json of docker has it.'}),
  username: Flags.string({char: 'u', helpGroup: GROUP, helpValue: 'USER', summary: 'Who to be; the password is asked for.', exclusive: ['creds', 'auth', 'docker-config']}),
  'docker-config': Flags.string({helpGroup: GROUP, helpValue: 'FILE', summary: 'Take the credentials from this config.json of docker.', exclusive: ['creds', 'auth']}),
  'pull-timeout': durationFlag({helpGroup: GROUP, env: 'CRICTL_PULL_TIMEOUT', summary: 'Give up pulling after this time; never, by default.'}),
}

interface Values {
  readonly creds?: string | undefined
  readonly auth?: string | undefined
  readonly username?: string | undefined
  readonly 'docker-config'?: string | undefined
}

/**
 * The credentials that the flags give; undefined: none.
 *
 * @throws UserError where they cannot be had
 */
export async function credentialsFor(image: string, flags: Values): Promise<AuthConfig | undefined> {
  if (flags.username !== undefined) return passwordAuth(flags.username, await askPassword())
  const file = flags['docker-config']
  return file === undefined ? authOf(flags) : authFromDockerConfig(readJson(file), image, file)
}

/** Reads a line without showing it. @throws UserError without a terminal */
async function askPassword(): Promise<string> {
  const {stdin, stderr} = process
  if (!stdin.isTTY) throw new UserError('--username asks for the password, and standard input is no terminal.', 'Give --creds or --docker-config.')
  const {createInterface} = await import('node:readline/promises')
  const {Writable} = await import('node:stream')
  stderr.write('Enter Password:')
  const silent = new Writable({write: (_chunk, _encoding, done) => done()})
  const reader = createInterface({input: stdin, output: silent, terminal: true})
  try {
    return await reader.question('')
  } finally {
    reader.close()
    stderr.write('\n')
  }
}

/** Shows how long something has taken so far, where somebody looks. @returns how to end it */
export function showElapsed(what: string): () => void {
  const {stderr} = process
  if (!stderr.isTTY) return () => undefined
  const begin = Date.now()
  const draw = () => stderr.write(`\r${what}: ${Math.round((Date.now() - begin) / 1000)} s`)
  const timer = setInterval(draw, 1000)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001b[K')
  }
}
