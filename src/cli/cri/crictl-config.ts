// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {UserError} from '../../model/user-error.ts'

/** crictl's configuration file (cri-tools, docs/crictl.md). */
export interface CrictlConfig {
  readonly path: string
  readonly 'runtime-endpoint'?: string
  readonly 'image-endpoint'?: string
  /** seconds */
  readonly timeout?: number
  readonly debug?: boolean
  readonly 'pull-image-on-create'?: boolean
  readonly 'disable-pull-on-run'?: boolean
  readonly 'max-retries'?: number
}

export const DEFAULT_CONFIG = '/etc/crictl.yaml'

/** What each setting is, in crictl's order. */
export const SETTINGS = {
  'runtime-endpoint': 'string',
  'image-endpoint': 'string',
  timeout: 'number',
  debug: 'boolean',
  'pull-image-on-create': 'boolean',
  'disable-pull-on-run': 'boolean',
  'max-retries': 'number',
} as const satisfies Record<Exclude<keyof CrictlConfig, 'path'>, 'string' | 'number' | 'boolean'>

/**
 * Reads crictl's configuration.
 *
 * @param path undefined: the usual one, which need not be there
 * @throws UserError when it cannot be read or does not say what crictl understands
 */
export async function readCrictlConfig(path: string | undefined): Promise<CrictlConfig> {
  const file = path ?? DEFAULT_CONFIG
  const text = readConfigFile(file, path !== undefined)
  // js-yaml takes 5 ms to load, and most nodes have no such file.
  return text === undefined ? {path: file} : parseCrictlConfig(text, file, (await import('js-yaml')).load)
}

/** @throws UserError naming the file and the setting */
export function parseCrictlConfig(text: string, file: string, load: (text: string) => unknown): CrictlConfig {
  const next = `Correct ${file}, or name another with --config.`
  const settings = parseYaml(text, file, load, next)
  for (const [name, value] of Object.entries(settings)) {
    const type = Object.hasOwn(SETTINGS, name) ? SETTINGS[name as keyof typeof SETTINGS] : undefined
    if (type === undefined) throw new UserError(`${file}: there is no setting \`${name}\`.`, next)
    // An empty value is an unset one, as in crictl.
    if (value !== null && typeof value !== type) throw new UserError(`${file}: \`${name}\` is no ${type}.`, next)
  }
  const set = Object.entries(settings).filter(([, value]) => value !== null && value !== '')
  return {path: file, ...Object.fromEntries(set)}
}

function parseYaml(text: string, file: string, load: (text: string) => unknown, next: string): object {
  // js-yaml takes no file without a document
  if (text.replaceAll(/#.*/g, '').trim() === '') return {}
  let document: unknown
  try {
    document = load(text)
  } catch (error) {
    throw new UserError(`${file} is no YAML: ${(error as Error).message.split('\n', 1)[0]}`, next)
  }
  if (document === undefined || document === null) return {}
  if (typeof document !== 'object' || Array.isArray(document)) throw new UserError(`${file} has no settings.`, next)
  return document
}

function readConfigFile(file: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !mustExist) return undefined
    throw new UserError(`${file} cannot be read: ${code}.`, 'Name another file with --config, or run as root.')
  }
}
