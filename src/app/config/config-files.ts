// SPDX-License-Identifier: Apache-2.0
import type {ConfigFile} from '../../config/containerd/lint.ts'
import {CannotEditToml, openToml} from '../../config/toml/document.ts'
import {tomlTextsAt} from '../../config/toml/value.ts'
import type {Host} from '../../model/host.ts'
import {UserError} from '../../model/user-error.ts'
import {expandGlob, pathFrom} from '../../probes/files.ts'

export const STANDARD_INPUT = 'standard input'
export const DEFAULT_FILE = '/etc/containerd/config.toml'
const MOST_FILES = 50

/** A configuration of containerd: its files, and imports that are not there. */
export interface ConfigFiles {
  /** the main file first, imports in the order containerd loads them */
  readonly files: readonly ConfigFile[]
  /** what imports name and nobody finds */
  readonly missing: readonly {readonly file: string; readonly pattern: string}[]
}

/**
 * Reads a configuration with its imports, as containerd does: breadth first, no file twice, relative paths beside the file that names
 * them.
 *
 * @param main path on the host; or a text from elsewhere, whose relative imports lie beside containerd's usual file
 * @throws UserError where a file cannot be read or is no TOML
 */
export function readConfigFiles(host: Host, main: string | {readonly text: string}): ConfigFiles {
  const files: ConfigFile[] = []
  const missing: {file: string; pattern: string}[] = []
  const loaded = new Set<string>()
  const pending: (string | {readonly text: string})[] = [main]
  for (let next = pending.shift(); next !== undefined && files.length < MOST_FILES; next = pending.shift()) {
    if (typeof next === 'string' && loaded.has(next)) continue
    if (typeof next === 'string') loaded.add(next)
    const file = typeof next === 'string' ? readFile(host, next) : opened(STANDARD_INPUT, next.text)
    files.push(file)
    const place = typeof next === 'string' ? next : DEFAULT_FILE
    for (const pattern of tomlTextsAt(file.document.value, ['imports'])) {
      const path = pathFrom(place, pattern)
      const found = pattern.includes('*') ? expandGlob(host, path) : host.stat(path).state === 'absent' ? [] : [path]
      if (found.length === 0 && !pattern.includes('*')) missing.push({file: file.path, pattern})
      pending.push(...found)
    }
  }
  return {files, missing}
}

function readFile(host: Host, path: string): ConfigFile {
  const text = host.text(path)
  if (text.state === 'absent') throw new UserError(`There is no file ${path}.`, 'Name the configuration of containerd, or - for standard input.')
  if (text.state === 'unreadable') {
    throw new UserError(`${path} cannot be read: ${text.detail ?? text.reason}.`, text.reason === 'EACCES' ? 'Run rtctl as root.' : 'Name a readable file.')
  }
  return opened(path, text.value)
}

function opened(path: string, text: string): ConfigFile {
  try {
    return {path, document: openToml(text)}
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    throw new UserError(`${path} cannot be used: ${error.message}.`, 'Mend the file: containerd does not start with it either.')
  }
}

/** A version as it was typed, without the v. @throws UserError where it is none */
export function containerdVersion(typed: string): string {
  const version = typed.replace(/^v/, '')
  if (!/^\d{1,3}\.\d{1,3}(?:\.\d{1,5})?$/.test(version)) throw new UserError(`--containerd: ${typed} is no version.`, 'Give it as 1.7, 2.1 or 2.1.9.')
  return version
}
