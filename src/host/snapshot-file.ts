// SPDX-License-Identifier: Apache-2.0
import {createHash, randomUUID} from 'node:crypto'
import {closeSync, constants, fstatSync, fsyncSync, lstatSync, openSync, readSync, renameSync, writeSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {UserError} from '../model/user-error.ts'
import {LIMITS} from './limits.ts'
import {Records} from './records.ts'
import {discard} from './replace-file.ts'
import type {Header, Snapshot, Trailer} from './snapshot-format.ts'
import {parseHeader, parseRecord, parseTrailer, SNAPSHOT_FORMAT, SNAPSHOT_VERSION, snapshotLines} from './snapshot-format.ts'

const CHUNK = 1024 * 1024
const LINE_FEED = 0x0a
const AGAIN = 'Record the host again with `rtctl snapshot -o FILE`, or copy the file again in full.'

/**
 * Writes a snapshot so that the file is there as a whole or not at all: a new file beside it (mode 0600), flushed to
 * disk, takes its name. A regular file of that name is replaced.
 *
 * @throws UserError where the name is a symlink or no regular file, and for what the system refuses
 */
export function writeSnapshot(file: string, snapshot: Snapshot): void {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`)
  try {
    refuseOddTarget(file)
    writeNew(temporary, snapshot)
    renameSync(temporary, file)
    syncDirectory(dirname(file))
  } catch (error) {
    discard(temporary)
    throw error instanceof UserError ? error : notWritten(file, error)
  }
}

function refuseOddTarget(file: string): void {
  const stats = lstatSync(file, {throwIfNoEntry: false})
  if (stats === undefined || stats.isFile()) return
  const what = stats.isSymbolicLink() ? 'a symbolic link' : stats.isDirectory() ? 'a directory' : 'no regular file'
  throw new UserError(`${file} is ${what}; the snapshot was not written`, 'Give the name of a new file with -o.')
}

function writeNew(file: string, snapshot: Snapshot): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    let bytes = 0
    let chunk = ''
    const flush = (): void => {
      const buffer = Buffer.from(chunk)
      chunk = ''
      bytes += buffer.length
      if (bytes > LIMITS.snapshot) throw new UserError('The snapshot would be larger than 512 MiB', 'Please report this with what is special about the host.')
      for (let done = 0; done < buffer.length; ) done += writeSync(descriptor, buffer, done)
    }
    for (const line of snapshotLines(snapshot)) {
      chunk += line
      if (chunk.length > CHUNK) flush()
    }
    flush()
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes the rename last. Not every system can flush a directory; the file itself is safe by now. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, constants.O_RDONLY)
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return
  }
}

function notWritten(file: string, error: unknown): Error {
  const code = errorCode(error)
  if (code === undefined) return error as Error
  return new UserError(`The snapshot could not be written to ${file}: ${code}`, 'Give a file in an existing folder that you may write to, with -o.')
}

/**
 * Reads a snapshot whole and checks it: format, version, every key and value, number of records, hash.
 *
 * @throws UserError (exit status 2) for what is no snapshot, is damaged, cut short, too large or of a newer rtctl
 */
export function readSnapshot(file: string): Snapshot {
  const descriptor = openToRead(file)
  try {
    return new SnapshotReader(file).read(lines(file, descriptor))
  } finally {
    closeSync(descriptor)
  }
}

function openToRead(file: string): number {
  const descriptor = opened(file)
  const stats = fstatSync(descriptor)
  if (stats.isFile() && stats.size <= LIMITS.snapshot) return descriptor
  closeSync(descriptor)
  throw stats.isFile() ? tooLarge(file) : notSnapshot(file, stats.isDirectory() ? 'it is a directory' : 'it is no regular file')
}

function opened(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new UserError(`The snapshot ${file} could not be opened: ${code}`, 'Give the path of a file that `rtctl snapshot` wrote.')
  }
}

interface Line {
  /** with its line feed, if it has one */
  readonly bytes: Buffer
  readonly ended: boolean
}

/** The lines of a file. Stops at the first that is longer than it may be. */
function* lines(file: string, descriptor: number): Generator<Line> {
  let limit: number = LIMITS.header
  let rest: Buffer[] = []
  let restLength = 0
  let total = 0
  for (;;) {
    const buffer = Buffer.allocUnsafe(CHUNK)
    const chunk = buffer.subarray(0, readSync(descriptor, buffer))
    if (chunk.length === 0) break
    // The size was looked at before, but the file may be growing.
    if ((total += chunk.length) > LIMITS.snapshot) throw tooLarge(file)
    let start = 0
    for (let feed = chunk.indexOf(LINE_FEED); feed >= 0; feed = chunk.indexOf(LINE_FEED, start)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(start, feed + 1)])
      if (bytes.length > limit) throw tooLongLine(file, limit)
      yield {bytes, ended: true}
      limit = LIMITS.line
      rest = []
      restLength = 0
      start = feed + 1
    }
    rest.push(chunk.subarray(start))
    restLength += chunk.length - start
    if (restLength > limit) throw tooLongLine(file, limit)
  }
  if (restLength > 0) yield {bytes: Buffer.concat(rest), ended: false}
}

class SnapshotReader {
  readonly #file: string
  readonly #records = new Records()
  readonly #hash = createHash('sha256')
  #count = 0

  constructor(file: string) {
    this.#file = file
  }

  read(all: Iterable<Line>): Snapshot {
    let header: Header | undefined
    let trailer: Trailer | undefined
    for (const {bytes, ended} of all) {
      const line = bytes.toString('utf8')
      if (header === undefined) header = this.#header(line)
      else if (trailer !== undefined) throw damaged(this.#file, 'something follows its last line')
      else if (!ended) break
      else if (line.startsWith('{"end":')) {
        trailer = parseTrailer(line)
        if (trailer === undefined) throw damaged(this.#file, 'its last line cannot be read')
        continue
      } else this.#record(line)
      this.#hash.update(bytes)
    }
    if (header === undefined) throw notSnapshot(this.#file, 'it is empty')
    return this.#checked(header, trailer)
  }

  #header(line: string): Header {
    const header = parseHeader(line)
    if (header === undefined) {
      throw line.startsWith(`{"format":"${SNAPSHOT_FORMAT}"`) ? damaged(this.#file, 'its first line cannot be read') : notSnapshot(this.#file, 'its first line does not say so')
    }
    if (header.version <= SNAPSHOT_VERSION) return header
    throw new UserError(
      `${this.#file} was written by rtctl ${header.rtctl} as snapshot version ${header.version}; this rtctl reads version ${SNAPSHOT_VERSION}`,
      `Upgrade rtctl to ${header.rtctl} or newer.`,
    )
  }

  #record(line: string): void {
    const record = parseRecord(line)
    this.#count++
    if (typeof record === 'string') throw damaged(this.#file, `line ${this.#count + 1} ${record}`)
    if (this.#records.get(record.kind, record.key) !== undefined) throw damaged(this.#file, `line ${this.#count + 1} repeats a key`)
    this.#records.set(record.kind, record.key, record.outcome)
  }

  #checked(header: Header, trailer: Trailer | undefined): Snapshot {
    if (trailer === undefined) throw damaged(this.#file, 'it is cut short')
    if (trailer.records !== this.#count) throw damaged(this.#file, `it has ${this.#count} records instead of ${trailer.records}`)
    if (trailer.sha256 !== this.#hash.digest('hex')) throw damaged(this.#file, 'its contents do not match its hash')
    const {rtctl, capturedAt, hostname} = header
    return {rtctl, capturedAt, ...(hostname !== undefined && {hostname}), records: this.#records, redacted: trailer.redacted}
  }
}

function notSnapshot(file: string, why: string): UserError {
  return new UserError(`${file} is not an rtctl snapshot: ${why}`, 'Give the path of a file that `rtctl snapshot` wrote, not compressed.')
}

function damaged(file: string, what: string): UserError {
  return new UserError(`The snapshot ${file} is damaged: ${what}`, AGAIN)
}

function tooLarge(file: string): UserError {
  return new UserError(`${file} is larger than a snapshot can be (512 MiB)`, 'Give the path of a file that `rtctl snapshot` wrote.')
}

function tooLongLine(file: string, limit: number): UserError {
  return limit === LIMITS.header ? notSnapshot(file, 'its first line is too long') : damaged(file, 'a line is longer than 16 MiB')
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
