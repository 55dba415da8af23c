// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, readFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {replaceFile} from '../../host/replace-file.ts'
import {UserError} from '../../model/user-error.ts'
import {nearest} from '../nearest.ts'
import {SETTINGS} from './crictl-config.ts'

export type Setting = keyof typeof SETTINGS

/** The value that crictl has for a setting that is not in its file (cmd/crictl/config.go shows what was read, so nothing). */
const UNSET = {string: '', number: 0, boolean: false} as const

/** @throws UserError for a setting that crictl does not have */
export function settingNamed(name: string): Setting {
  if (Object.hasOwn(SETTINGS, name)) return name as Setting
  const [meant] = nearest(name, Object.keys(SETTINGS))
  throw new UserError(`There is no setting \`${name}\`.`, meant === undefined ? `There are ${Object.keys(SETTINGS).join(', ')}.` : `Did you mean ${meant}?`)
}

/** What a setting is, as `--get` prints it. */
export function shownSetting(config: Partial<Record<Setting, string | number | boolean>>, name: Setting): string {
  return String(config[name] ?? UNSET[SETTINGS[name]])
}

/**
 * The text of a configuration with a setting changed, comments and order as they were.
 *
 * @throws UserError for a value that the setting cannot have
 */
export function withSetting(text: string, name: Setting, value: string): string {
  const line = `${name}: ${written(name, plainValue(name, value))}`
  const before = new RegExp(`^${name}[ \\t]*:[ \\t]*(?:"[^"\\n]*"|'[^'\\n]*'|.*?)([ \\t]+#.*)?$`, 'm')
  if (before.test(text)) return text.replace(before, (_, comment: string | undefined) => line + (comment ?? ''))
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`
}

/** A value as `--get` shows it: 05 is 5. */
export function plainValue(name: Setting, value: string): string {
  return SETTINGS[name] === 'number' && /^-?\d{1,9}$/.test(value) ? String(Number(value)) : value
}

function written(name: Setting, value: string): string {
  const type = SETTINGS[name]
  if (type === 'string') return JSON.stringify(value)
  const fits = type === 'number' ? /^-?\d{1,9}$/.test(value) : /^(?:true|false)$/.test(value)
  if (!fits) throw new UserError(`${name} cannot be "${value}".`, type === 'number' ? 'Give a whole number.' : 'Give true or false.')
  return value
}

/** The text of a file; '' where there is none yet. @throws UserError when it cannot be read */
export function configText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw new UserError(`${file} cannot be read: ${code}.`, 'Name another file with --config, or run as root.')
  }
}

/**
 * Puts a text in place of crictl's configuration, with the folders that lead to it. A new one is its owner's alone, as crictl makes it.
 *
 * @throws UserError when it cannot be written
 */
export function replaceConfig(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), {recursive: true})
  } catch {
    // What is written next says why.
  }
  replaceFile(file, text, {mode: 0o600, next: 'Name another file with --config, or run as root.'})
}
