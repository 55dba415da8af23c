// SPDX-License-Identifier: Apache-2.0
import {type ConfigVersion, CRI, layoutOf, versionIn} from '../../config/containerd/layout.ts'
import type {ConfigFile} from '../../config/containerd/lint.ts'
import {migrateContainerd, type MigrationNote} from '../../config/containerd/migrate.ts'
import {dropRegistryTls} from '../../config/containerd/old-registry.ts'
import {CannotEditToml} from '../../config/toml/document.ts'
import {isTomlTable, tomlAt} from '../../config/toml/value.ts'
import {openLiveHost} from '../../host/live-host.ts'
import {replaceFile} from '../../host/replace-file.ts'
import type {Host} from '../../model/host.ts'
import {UserError} from '../../model/user-error.ts'
import {DEFAULT_FILE, readConfigFiles, STANDARD_INPUT} from './config-files.ts'

export interface MigrateQuestion {
  /** path on the host, or the text of standard input */
  readonly main?: string | {readonly text: string}
  readonly root?: string
  readonly to: ConfigVersion
  /** version of the containerd to come: 2.1 and later take several folders of CNI plugins */
  readonly containerd?: string
  /** nothing is taken out: for who gets the file itself */
  readonly unredacted: boolean
}

export interface MigratedFile {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly before: string
  readonly after: string
  readonly notes: readonly MigrationNote[]
}

/**
 * Brings a configuration of containerd and all that it imports to a version; the main file comes first. Changes nothing.
 *
 * @throws UserError where a file cannot be read, is of a later version, or cannot be edited safely
 */
export function migrateConfig({main, root, to, containerd, unredacted}: MigrateQuestion): readonly MigratedFile[] {
  const host = hostAt(root, unredacted)
  const {files} = readConfigFiles(host, main ?? DEFAULT_FILE)
  return files.map(({path, document}) => {
    const from = versionIn(document.value['version'])
    if (from > to) {
      throw new UserError(`${path} is of version ${from}, later than ${to}.`, 'containerd has no way back: put the file back that was there before.')
    }
    try {
      const migrated = migrateContainerd(document, {configVersion: to, version: containerd})
      const done = to > 2 && from < 3 ? dropRegistryTls(migrated.document, layoutOf(to).registry) : {document: migrated.document, notes: []}
      return {path, from, to, before: document.text, after: done.document.text, notes: [...migrated.notes, ...done.notes, ...importNote(files, path, from, to)]}
    } catch (error) {
      if (!(error instanceof CannotEditToml)) throw error
      throw new UserError(`${path} cannot be migrated: ${error.message}.`, 'Migrate it by hand, or with `containerd config migrate`, which keeps no comments.')
    }
  })
}

/** Of two files with the CRI table 1.x takes the later one alone, 2.x both. */
function importNote(files: readonly ConfigFile[], path: string, from: number, to: number): readonly MigrationNote[] {
  const withCri = files.filter(({document}) => ['cri', CRI].some((name) => isTomlTable(tomlAt(document.value, ['plugins', name]))))
  if (from > 2 || to < 3 || withCri.length < 2 || withCri.at(-1)?.path !== path) return []
  const others = withCri.slice(0, -1).map((file) => file.path).join(', ')
  return [{
    level: 'check',
    text:
      `it has a table of the CRI plugin, and so ${withCri.length > 2 ? 'have' : 'has'} ${others}: containerd 1.x took this one alone, 2.x ` +
      'merges them; see what counts with `containerd config dump`',
  }]
}

function hostAt(root: string | undefined, unredacted: boolean): Host {
  return openLiveHost({...(root !== undefined && {root}), askTimeoutMs: 1000, ...(unredacted && {redaction: 'none'})})
}

/** What was written where, and what was there before. */
export interface WrittenFile {
  readonly path: string
  readonly backup: string
}

/**
 * Puts migrated files in place of what was there, each as a whole or not at all, the main file first: containerd takes an import that is
 * older than the main file, and none that is later. The old text goes beside it.
 *
 * @throws UserError where one cannot be written
 */
export function writeMigrated(files: readonly MigratedFile[], root: string | undefined): readonly WrittenFile[] {
  const host = hostAt(root, true)
  const changed = files.filter(({before, after}) => before !== after)
  if (changed.some(({path}) => path === STANDARD_INPUT)) throw new UserError('--write: standard input is no file.', 'Name a file, or take --out FILE.')
  return changed.map((file) => {
    const next = 'Run rtctl as root, and see that there is room. Nothing of this file was changed.'
    const target = host.localPath(file.path) ?? file.path
    const backup = backupOf(host, file)
    replaceFile(host.localPath(backup) ?? backup, file.before, {mode: modeOf(host, file.path), next})
    replaceFile(target, file.after, {mode: 0o644, next})
    return {path: file.path, backup}
  })
}

/** The file may hold credentials: its copy is no more open than it is. */
function modeOf(host: Host, path: string): number {
  const stat = host.stat(path)
  return stat.state === 'ok' ? stat.value.mode : 0o600
}

/** A name beside the file that is free, or has that very text. */
function backupOf(host: Host, {path, from, before}: MigratedFile): string {
  for (let number = 1; ; number++) {
    const name = `${path}.version-${from}${number === 1 ? '' : `.${number}`}`
    const there = host.text(name)
    if (there.state === 'absent' || (there.state === 'ok' && there.value === before)) return name
  }
}

/** Writes the migrated main file elsewhere. @throws UserError where it cannot be written */
export function writeOut([main]: readonly MigratedFile[], path: string): void {
  if (main !== undefined) replaceFile(path, main.after, {mode: 0o600, next: 'Name a file in a folder that you may write to.'})
}
