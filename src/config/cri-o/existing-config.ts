// SPDX-License-Identifier: Apache-2.0
import type {TargetFiles} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'
import {existingAt, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {parseTomlText, tomlAt, type TomlPath, type TomlTable, type TomlValue} from '../toml/value.ts'

export const MAIN = '/etc/crio/crio.conf'
/** CRI-O reads every file of the folder, in the order of their names; the last one has the last word (crio.conf.d(5)). */
export const DROP_INS = '/etc/crio/crio.conf.d/*'
export const OWN = '/etc/crio/crio.conf.d/99-rtctl.conf'

/** A file of CRI-O's configuration that is not rtctl's own. */
export interface CrioFile {
  readonly path: string
  readonly value: TomlTable
}

/** In the order CRI-O reads them. A file that cannot be read or understood is a blocker: what it says is not known. */
export function readCrioConfig(files: TargetFiles): {readonly files: readonly CrioFile[]; readonly remarks: readonly Remark[]} {
  const found = matchesOf(files, DROP_INS)
  const remarks = [...found.remarks]
  const read = [MAIN, ...found.paths.filter((path) => path !== OWN)].flatMap((path): readonly CrioFile[] => {
    const existing = existingAt(files, path)
    if (existing.state === 'absent') return []
    if (existing.state === 'unreadable') {
      remarks.push(unreadableRemark(path, existing))
      return []
    }
    try {
      return [{path, value: parseTomlText(existing.text)}]
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
      remarks.push({level: 'blocker', text: `${path} is no TOML, so CRI-O does not start with it: ${reason}`,
        next: 'Correct the file, and plan again.', source: path})
      return []
    }
  })
  return {files: read, remarks}
}

/** What the files say of a key, and which one has the last word. */
export function saidAt(files: readonly CrioFile[], path: TomlPath): {readonly value: TomlValue; readonly path: string} | undefined {
  const file = files.findLast(({value}) => tomlAt(value, path) !== undefined)
  const value = file && tomlAt(file.value, path)
  return file === undefined || value === undefined ? undefined : {value, path: file.path}
}

/** Files that CRI-O reads after rtctl's own. */
export function isLater(path: string): boolean {
  return path !== MAIN && path > OWN
}
