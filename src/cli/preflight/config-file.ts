// SPDX-License-Identifier: Apache-2.0
import {existsSync} from 'node:fs'
import {dirname, join, isAbsolute} from 'node:path'
import type {Severity, TargetName} from '../../model/check.ts'
import type {Waiver} from '../../model/preflight.ts'
import {nearest} from '../nearest.ts'
import {checkIdOf, listOf, mapping, readYaml, textOf, type Written, wrong} from './config-file-yaml.ts'
import {waiversOf} from './waivers.ts'

/** Where it is looked for when nothing is told: in the working directory. */
export const CONFIG_FILE = '.rtctl.yaml'

export const TARGETS = ['containerd', 'cri-o', 'cri-dockerd'] as const satisfies readonly TargetName[]
export const FAIL_ON = ['blocker', 'high', 'medium', 'low', 'info', 'never'] as const satisfies readonly (Severity | 'never')[]
export type FailOn = (typeof FAIL_ON)[number]

/** Settings that flags of the same names have, too. Paths are from the working directory. */
export interface PreflightConfig {
  /** the file they are from; undefined where there is none */
  readonly path?: string
  readonly target?: TargetName
  readonly kubernetes?: string
  readonly containerd?: string
  readonly docker?: string
  readonly 'fail-on'?: FailOn
  readonly ignore: readonly string[]
  readonly waivers: readonly Waiver[]
  readonly baseline?: string
  /** what to look at, where the command line names nothing */
  readonly paths: readonly string[]
}

/** Its keys, in the order of the documentation. */
export const CONFIG_KEYS = ['target', 'kubernetes', 'containerd', 'docker', 'fail-on', 'paths', 'ignore', 'waivers', 'baseline'] as const

/**
 * Reads the settings of a project. There is nothing in them that rtctl would run.
 *
 * @param path undefined: {@link CONFIG_FILE}, which need not be there
 * @param ids of all checks
 * @throws UserError naming file and line
 */
export async function readConfig(path: string | undefined, ids: readonly string[]): Promise<PreflightConfig> {
  const none: PreflightConfig = {ignore: [], waivers: [], paths: []}
  if (path === undefined && !existsSync(CONFIG_FILE)) return none
  const file = path ?? CONFIG_FILE
  const written = await readYaml(file)
  return written === undefined ? {...none, path: file} : {path: file, ...configOf(written, ids)}
}

function configOf(written: Written, ids: readonly string[]): PreflightConfig {
  const members = mapping(written, CONFIG_KEYS, 'The configuration')
  const get = <T>(key: (typeof CONFIG_KEYS)[number], read: (value: Written) => T): T | undefined => {
    const value = members.get(key)
    return value === undefined ? undefined : read(value)
  }
  const version = (key: string) => (value: Written): string => versionOf(value, key)
  const path = (key: string) => (value: Written): string => beside(value.file, textOf(value, key))
  return defined({
    target: get('target', (value) => oneOf(value, 'target', TARGETS)),
    kubernetes: get('kubernetes', version('kubernetes')),
    containerd: get('containerd', version('containerd')),
    docker: get('docker', version('docker')),
    'fail-on': get('fail-on', (value) => oneOf(value, 'fail-on', FAIL_ON)),
    paths: get('paths', (value) => listOf(value, 'paths').map(path('paths'))) ?? [],
    ignore: get('ignore', (value) => listOf(value, 'ignore').map((id) => checkIdOf(id, 'ignore', ids))) ?? [],
    waivers: get('waivers', (value) => waiversOf(value, ids)) ?? [],
    baseline: get('baseline', path('baseline')),
  })
}

type Defined<T> = {[Key in keyof T]: Exclude<T[Key], undefined>}

function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>
}

function oneOf<const T extends string>(written: Written, key: string, known: readonly T[]): T {
  const text = textOf(written, key)
  const found = known.find((each) => each === text)
  if (found !== undefined) return found
  const meant = nearest(text, known)
  throw wrong(written.file, written.position, `\`${key}\` cannot be \`${text}\`.`, `${meant.length > 0 ? `Did you mean ${meant.join(' or ')}? ` : ''}It is one of ${known.join(', ')}.`)
}

function versionOf(written: Written, key: string): string {
  const text = textOf(written, key)
  if (/^v?\d{1,4}(?:\.\d{1,4}){0,2}$/.test(text)) return text
  throw wrong(written.file, written.position, `\`${text}\` is no version.`, 'Write it as 1.35.')
}

/** A path in a file is from the folder of that file. */
function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}
