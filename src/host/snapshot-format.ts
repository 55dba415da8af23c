// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import type {Observed, UnreadableReason} from '../model/observed.ts'
import {absent, ok, unreadable} from '../model/observed.ts'
import {jsonLine} from './limits.ts'
import {pathKey} from './paths.ts'
import type {HostRecord, RecordKind, Records} from './records.ts'
import {RECORD_KINDS} from './records.ts'
import type {Redaction} from './redact.ts'

export const SNAPSHOT_FORMAT = 'rtctl-snapshot'
export const SNAPSHOT_VERSION = 1

/** Everything that a snapshot file holds. */
export interface Snapshot {
  /** version of the rtctl that recorded it */
  readonly rtctl: string
  /** ISO 8601, UTC */
  readonly capturedAt: string
  readonly hostname?: string
  readonly records: Records
  readonly redacted: readonly Redaction[]
}

/** The first line of a file. */
export interface Header {
  readonly format: typeof SNAPSHOT_FORMAT
  readonly version: number
  readonly rtctl: string
  readonly capturedAt: string
  readonly hostname?: string
}

/** The last line of a file. */
export interface Trailer {
  readonly end: true
  /** how many lines stand between header and trailer */
  readonly records: number
  /** of every byte before this line, hexadecimal */
  readonly sha256: string
  readonly redacted: readonly Redaction[]
}

/** The lines of a snapshot file, each with its line feed: header, records by kind and key, trailer. */
export function* snapshotLines(snapshot: Snapshot): Generator<string> {
  const hash = createHash('sha256')
  const {rtctl, capturedAt, hostname} = snapshot
  const header: Header = {format: SNAPSHOT_FORMAT, version: SNAPSHOT_VERSION, rtctl, capturedAt, ...(hostname !== undefined && {hostname})}
  const records = snapshot.records.sorted()
  for (const value of [header, ...records.map(recordLine)]) {
    const line = `${jsonLine(value)}\n`
    hash.update(line)
    yield line
  }
  const redacted = snapshot.redacted.toSorted((a, b) => compare(a.source, b.source) || compare(a.rule, b.rule))
  const trailer: Trailer = {end: true, records: records.length, sha256: hash.digest('hex'), redacted}
  yield `${jsonLine(trailer)}\n`
}

function recordLine({kind, key, outcome}: HostRecord): unknown {
  // The key is the source; JSON leaves out what is undefined.
  return {kind, key, ...outcome, source: undefined}
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A header of any version, or undefined for what is none. Only version, rtctl and capturedAt may be relied on. */
export function parseHeader(line: string): Header | undefined {
  const value = parseObject(line)
  if (value?.['format'] !== SNAPSHOT_FORMAT || !isCount(value['version']) || value['version'] === 0) return undefined
  if (typeof value['rtctl'] !== 'string' || typeof value['capturedAt'] !== 'string') return undefined
  if (value['hostname'] !== undefined && typeof value['hostname'] !== 'string') return undefined
  return value as unknown as Header
}

/** A trailer, or undefined for what is none. */
export function parseTrailer(line: string): Trailer | undefined {
  const value = parseObject(line)
  if (value?.['end'] !== true || !isCount(value['records']) || typeof value['sha256'] !== 'string') return undefined
  return Array.isArray(value['redacted']) && value['redacted'].every(isRedaction) ? (value as unknown as Trailer) : undefined
}

/** A record, or a sentence about what is wrong with the line. Nothing in it is trusted: neither key nor shape. */
export function parseRecord(line: string): HostRecord | string {
  const value = parseObject(line)
  if (value === undefined) return 'is no JSON object'
  const {kind, key} = value
  if (!RECORD_KINDS.includes(kind as RecordKind)) return 'has an unknown kind'
  if (typeof key !== 'string' || key === '') return 'has no key'
  if (kind !== 'ask' && pathKey('', key) !== key) return 'has a path that is not absolute and normal'
  const outcome = parseOutcome(value, kind as RecordKind, key)
  return outcome === undefined ? 'has no valid outcome' : {kind: kind as RecordKind, key, outcome}
}

const REASONS: ReadonlySet<unknown> = new Set<UnreadableReason>([
  'EACCES',
  'EIO',
  'timeout',
  'too-large',
  'malformed',
  'unsupported',
  'not-captured',
])
const FILE_TYPES: ReadonlySet<unknown> = new Set(['file', 'directory', 'socket', 'other'])

function parseOutcome(record: Members, kind: RecordKind, key: string): Observed<unknown> | undefined {
  const {state, value, reason, detail} = record
  if (state === 'absent') return absent(key)
  if (state === 'ok') return Object.hasOwn(record, 'value') && isValue(kind, value) ? ok(value, key) : undefined
  if (state !== 'unreadable' || !REASONS.has(reason)) return undefined
  if (detail !== undefined && typeof detail !== 'string') return undefined
  return unreadable(key, reason as UnreadableReason, detail)
}

function isValue(kind: RecordKind, value: unknown): boolean {
  if (kind === 'ask') return true
  if (kind === 'entries') return Array.isArray(value) && value.every((name) => typeof name === 'string')
  if (kind !== 'stat') return typeof value === 'string'
  if (!isObject(value)) return false
  const numbers = [value['size'], value['inode'], value['mode'], value['uid']]
  return FILE_TYPES.has(value['type']) && typeof value['device'] === 'string' && numbers.every((number) => typeof number === 'number')
}

type Members = Readonly<Record<string, unknown>>

function parseObject(line: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRedaction(value: unknown): boolean {
  return isObject(value) && typeof value['source'] === 'string' && typeof value['rule'] === 'string' && isCount(value['count'])
}
