// SPDX-License-Identifier: Apache-2.0
// What a migration did, on the disk before it did it: docs/adr/0013-migrations-and-their-journal.md.
import {createHash, randomBytes} from 'node:crypto'
import type {FileBackup} from '../model/migration/plan.ts'
import type {JournalEntry} from '../model/migration/journal.ts'
import type {Plan} from '../model/migration/plan.ts'
import {UserError} from '../model/user-error.ts'
import type {Appender, Files, Machine} from './machine.ts'
import {refused} from './refused.ts'

/** Where all migrations of a machine lie, each in a folder of its own. */
export const MIGRATIONS = '/var/lib/rtctl/migrations'
export const LOCK = `${MIGRATIONS}/lock`

/** Removed when a rollback begins: on a full disk it must have room for its entries. */
const RESERVE_BYTES = 1024 * 1024
/** Longest journal that is read: every step of a plan takes some hundred bytes, a backup of iptables some hundred thousand. */
const KINDS: ReadonlySet<string> = new Set([
  'begin', 'resume', 'paused', 'intent', 'done', 'failed', 'skipped', 'complete', 'rollback', 'undone', 'not-undone', 'rolled-back', 'cleaned',
] satisfies JournalEntry['kind'][])

type Numbered = 'seq' | 'at'
type Without<T> = T extends unknown ? Omit<T, Numbered> : never
/** An entry that has still to get its number and time. */
export type NewEntry = Without<JournalEntry>

/** A journal as it was read. */
export interface Journal {
  readonly id: string
  readonly folder: string
  readonly plan: Plan
  readonly entries: readonly JournalEntry[]
  /** the last line was not written to its end, so what it announced was not begun */
  readonly torn: boolean
}

/** A journal that is written. */
export interface OpenJournal extends Journal {
  /** on the disk when it returns; throws where it cannot be written */
  append(entry: NewEntry): void
  readonly backup: BackupFolder
  close(): void
}

/** Where files go before they are changed. */
export interface BackupFolder {
  /** Copies what is at the path. @throws where it is neither a file, a link nor nothing */
  keep(path: string): FileBackup
  /** @throws where the copy is not what was kept */
  bytes(backup: Extract<FileBackup, {readonly state: 'file'}>): Buffer
}

/** `20261121-162118-3f9a`: sorted by name they are sorted by time. */
export function newId(now: number): string {
  const [date, time] = new Date(now).toISOString().slice(0, 19).split('T') as [string, string]
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${randomBytes(2).toString('hex')}`
}

/**
 * Makes the folder of a migration: the plan as a whole, an empty journal, a place for backups. All of it is on the disk when it returns.
 *
 * @throws where it cannot be written
 */
export function createJournal(machine: Machine, plan: Plan): OpenJournal & {readonly planSha256: string} {
  const {files, clock} = machine
  const id = newId(clock.now())
  const folder = `${MIGRATIONS}/${id}`
  const bytes = Buffer.from(`${JSON.stringify(plan, null, 1)}\n`)
  files.makePrivateFolder(folder)
  files.makePrivateFolder(`${folder}/backup`)
  files.replace(`${folder}/plan.json`, bytes, {mode: 0o600})
  files.replace(`${folder}/reserve`, Buffer.alloc(RESERVE_BYTES, 0x20), {mode: 0o600})
  const open = opened(machine, {id, folder, plan, entries: [], torn: false}, 0)
  return {...open, planSha256: sha256(bytes)}
}

/**
 * Opens a journal to go on with it.
 *
 * @throws UserError as readJournal
 */
export function openJournal(machine: Machine, id: string): OpenJournal {
  const {journal, bytes} = readWhole(machine.files, id)
  if (journal.torn) cutOff(machine.files, journal, bytes)
  return opened(machine, journal, journal.entries.length)
}

/** What is behind the last whole line is no entry, and the next one must not be put behind it. */
function cutOff(files: Files, {folder}: Journal, bytes: Buffer): void {
  files.replace(`${folder}/journal.jsonl`, bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1), {mode: 0o600})
}

function opened(machine: Machine, journal: Journal, count: number): OpenJournal {
  const {files, clock} = machine
  const appender: Appender = files.appendTo(`${journal.folder}/journal.jsonl`)
  const entries: JournalEntry[] = [...journal.entries]
  let seq = count
  return {
    ...journal,
    entries,
    append(entry) {
      const numbered = {seq: seq + 1, at: new Date(clock.now()).toISOString(), ...entry} as JournalEntry
      appender.append(`${JSON.stringify(numbered)}\n`)
      seq++
      entries.push(numbered)
    },
    backup: backupFolder(files, `${journal.folder}/backup`),
    close: () => appender.close(),
  }
}

function backupFolder(files: Files, folder: string): BackupFolder {
  return {
    keep(path) {
      const found = files.look(path)
      if (found.type === 'absent') return {state: 'absent'}
      if (found.type === 'link') return {state: 'link', target: found.target}
      if (found.type !== 'file') throw new Error(`${path} is no regular file.`)
      const {bytes, mode, uid, gid, mtimeMs} = found
      const copy = String((files.list(folder)?.length ?? 0) + 1).padStart(4, '0')
      files.replace(`${folder}/${copy}`, bytes, {mode: 0o600})
      return {state: 'file', copy, sha256: sha256(bytes), mode, uid, gid, mtimeMs}
    },
    bytes({copy, sha256: wanted}) {
      const found = /^\d{4,}$/.test(copy) ? files.look(`${folder}/${copy}`) : undefined
      if (found?.type !== 'file') throw new Error(`The copy ${folder}/${copy} is not there.`)
      if (sha256(found.bytes) !== wanted) throw new Error(`The copy ${folder}/${copy} is not what was put there: its checksum differs.`)
      return found.bytes
    },
  }
}

/**
 * Reads a migration. A last line that was not written to its end is left out and told; anything else that is wrong is refused.
 *
 * @throws UserError (5) with what to do
 */
export function readJournal(files: Files, id: string): Journal {
  return readWhole(files, id).journal
}

function readWhole(files: Files, id: string): {readonly journal: Journal; readonly bytes: Buffer} {
  if (!isId(id)) throw new UserError(`"${id}" is no id of a migration.`, 'See `rtctl migrate list`.')
  const folder = `${MIGRATIONS}/${id}`
  const [journal, planFile] = [files.look(`${folder}/journal.jsonl`), files.look(`${folder}/plan.json`)]
  if (journal.type !== 'file' || planFile.type !== 'file') {
    if (files.list(folder) === undefined) throw new UserError(`There is no migration ${id} on this machine.`, 'See `rtctl migrate list`.')
    throw broken(folder, `${journal.type === 'file' ? 'plan.json' : 'journal.jsonl'} is missing`)
  }
  const {entries, torn} = parse(folder, journal.bytes)
  const begin = entries[0]
  // Killed before its first entry: nothing was begun, nothing was changed.
  if (begin === undefined) throw refused(`Migration ${id} ended before it began: nothing was changed.`, `Remove ${folder}, and begin anew.`)
  if (begin.kind !== 'begin') throw broken(folder, 'journal.jsonl does not start with its first entry')
  if (begin.planSha256 !== sha256(planFile.bytes)) throw broken(folder, 'plan.json is not the plan that was begun')
  const plan = JSON.parse(planFile.bytes.toString('utf8')) as Plan
  if (plan.fingerprint !== begin.fingerprint) throw broken(folder, 'plan.json has another fingerprint than the journal')
  return {journal: {id, folder, plan, entries, torn}, bytes: journal.bytes}
}

function isId(name: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-f]{4}$/.test(name)
}

function parse(folder: string, bytes: Buffer): {readonly entries: readonly JournalEntry[]; readonly torn: boolean} {
  const end = bytes.lastIndexOf(0x0a) + 1
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)
  return {entries: lines.map((line, index) => entryOf(folder, line, index + 1)), torn: end < bytes.length}
}

function entryOf(folder: string, line: string, seq: number): JournalEntry {
  let entry: Partial<JournalEntry> | undefined
  try {
    entry = JSON.parse(line) as Partial<JournalEntry>
  } catch {
    throw broken(folder, `line ${seq} of journal.jsonl is no JSON`)
  }
  if (typeof entry !== 'object' || entry === null || entry.seq !== seq) throw broken(folder, `line ${seq} of journal.jsonl is not entry ${seq}: lines are missing, or were put in`)
  if (entry.kind === 'begin' && entry.format !== 'rtctl-journal/1') {
    throw refused(`Migration ${folder} was made by another version of rtctl (${String(entry.rtctl).slice(0, 40)}, ${String(entry.format).slice(0, 40)}).`, 'Go on with that version.')
  }
  if (typeof entry.kind !== 'string' || !KINDS.has(entry.kind)) throw refused(`Line ${seq} of ${folder}/journal.jsonl is of a kind that this rtctl does not know.`, 'Go on with the version of rtctl that began the migration.')
  return entry as JournalEntry
}

function broken(folder: string, what: string): UserError {
  return refused(
    `The journal ${folder} cannot be trusted: ${what}. Nothing was changed.`,
    `Take its files from a backup. Otherwise put the node back by hand: journal.jsonl names what was done, step by step, and backup/ has the files as they were.`,
  )
}

/** Ids of the migrations of a machine, the oldest first. */
export function migrationIds(files: Files): readonly string[] {
  return (files.list(MIGRATIONS) ?? []).filter(isId)
}

/** Hexadecimal. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
