// SPDX-License-Identifier: Apache-2.0
import {closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync, statSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {resolve} from 'node:path'
import type {FileStat, Host, HostOrigin} from '../model/host.ts'
import type {Observed} from '../model/observed.ts'
import {absent, ok, unreadable} from '../model/observed.ts'
import {fitsLine, LIMITS} from './limits.ts'
import type {Area, Intent, Located, Place} from './local-paths.ts'
import {LocalPaths} from './local-paths.ts'
import {isNeverRead} from './never-read.ts'
import {failedAsk, failedRead, notAPath} from './outcome.ts'
import {isProc, normalPath, pathKey, viewDirectory} from './paths.ts'
import type {Redacted, Redaction} from './redact.ts'
import {redactJson, redactText} from './redact.ts'

/** A host that is read now, and knows what it took out of its answers. */
export interface LiveHost extends Host {
  /** What was redacted so far, through this host and all its views, by source and rule. */
  redactions(): readonly Redaction[]
}

export interface LiveHostOptions {
  /** directory on this machine where the inspected host's `/` is; `/` unless told */
  readonly root?: string
  /** directory on this machine that is its procfs; `ROOT/proc` unless told */
  readonly proc?: string
  /** time limit of each question to a daemon or a command, in milliseconds */
  readonly askTimeoutMs: number
  /**
   * `none`: nothing is taken out of the answers. For who has to write files as they are, and keeps what it read to itself: nothing of
   * such a host may be printed or stored. What is never read is not read then either.
   */
  readonly redaction?: 'none'
}

const NEVER_READ = 'rtctl never reads it: it may hold a private key, a token or credentials'
const FIRST_BUFFER = 64 * 1024
// Never wait for the writer of a FIFO, never take a link that took the file's place, never become a terminal's owner.
const OPEN = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
const OPEN_NO_LINK = OPEN | constants.O_NOFOLLOW

/**
 * Opens this machine, or a root directory on it, for reading. Nothing is checked here: a root that does not exist
 * answers `absent` to everything.
 */
export function openLiveHost(options: LiveHostOptions): LiveHost {
  const root = resolve(options.root ?? '/')
  const proc = resolve(options.proc ?? resolve(root, 'proc'))
  const origin: HostOrigin = root === '/' && proc === '/proc' ? {kind: 'live'} : {kind: 'root', root, proc}
  const paths = new LocalPaths(root === '/' ? '' : root, proc)
  const {askTimeoutMs, redaction} = options
  return new Reader({origin, paths, askTimeoutMs, redacts: redaction !== 'none', log: new RedactionLog(), files: new FileReader()}, paths.top)
}

interface Shared {
  readonly origin: HostOrigin
  readonly paths: LocalPaths
  readonly askTimeoutMs: number
  readonly redacts: boolean
  readonly log: RedactionLog
  readonly files: FileReader
}

class Reader implements LiveHost {
  readonly origin: HostOrigin
  readonly #shared: Shared
  readonly #area: Area
  /** why the view's directory could not be entered */
  readonly #closed: Observed<never> | undefined

  constructor(shared: Shared, area: Area, closed?: Observed<never>) {
    this.origin = shared.origin
    this.#shared = shared
    this.#area = area
    this.#closed = closed
  }

  text(path: string): Observed<string> {
    return this.#at(path, 'follow', (place, source) => {
      if (new Set([source, normalPath(path) ?? source, place.inside]).values().some(isNeverRead)) return unreadable(source, 'EACCES', NEVER_READ)
      const read = this.#shared.files.read(place, source)
      if (read.state !== 'ok') return read
      const text = this.#withoutSecrets(source, read.value)
      return fitsLine(text) ? ok(text, source) : unreadable(source, 'too-large')
    })
  }

  entries(path: string): Observed<readonly string[]> {
    return this.#at(path, 'follow', (place, source) => {
      const names = readdirSync(place.local).sort()
      return fitsLine(names.join('\0\0\0')) ? ok(names, source) : unreadable(source, 'too-large')
    })
  }

  target(path: string): Observed<string> {
    return this.#at(path, 'link', (place, source) => readTarget(place, source))
  }

  stat(path: string): Observed<FileStat> {
    return this.#at(path, 'look', (place, source) => {
      const stats = place.stats ?? statSync(place.local, {throwIfNoEntry: false})
      return stats === undefined ? absent(source) : ok(fileStat(stats), source)
    })
  }

  async ask<T>(question: string, live: (limitMs: number) => Promise<T>): Promise<Observed<T>> {
    try {
      const answer = await inTime(live, this.#shared.askTimeoutMs)
      if (answer === TIMEOUT) return unreadable(question, 'timeout', `no answer within ${this.#shared.askTimeoutMs / 1000} s`)
      const encoded = JSON.stringify(answer)
      if (encoded === undefined) return unreadable(question, 'malformed', 'the answer is no JSON')
      if (Buffer.byteLength(encoded) > LIMITS.encoded) return unreadable(question, 'too-large')
      return ok(this.#answerWithoutSecrets(question, JSON.parse(encoded)) as T, question)
    } catch (error) {
      const outcome = failedAsk(question, error)
      if (outcome.state !== 'unreadable' || outcome.detail === undefined) return outcome
      return {...outcome, detail: this.#withoutSecrets(outcome.source, outcome.detail)}
    }
  }

  within(directory: string): LiveHost {
    const host = viewDirectory(this.#area.host, directory)
    if (host === '') return new Reader(this.#shared, this.#shared.paths.top)
    const located = this.#locate(normalPath(directory) ?? '', 'follow')
    if ('failure' in located) return new Reader(this.#shared, {host, local: ''}, located.failure)
    return new Reader(this.#shared, {host, local: located.place.local})
  }

  localPath(path: string): string | undefined {
    if (pathKey(this.#area.host, path) === undefined) return undefined
    const located = this.#locate(normalPath(path) ?? '', 'look')
    return 'place' in located ? located.place.local : located.local
  }

  redactions(): readonly Redaction[] {
    return this.#shared.log.all()
  }

  #locate(normal: string, intent: Intent): Located {
    if (this.#closed !== undefined && !isProc(normal)) return {failure: this.#closed}
    return this.#shared.paths.locate(this.#area, normal, intent)
  }

  #at<T>(path: string, intent: Intent, use: (place: Place, source: string) => Observed<T>): Observed<T> {
    const source = pathKey(this.#area.host, path)
    if (source === undefined) return notAPath(path)
    const located = this.#locate(normalPath(path) ?? '', intent)
    if ('failure' in located) return {...located.failure, source}
    try {
      return use(located.place, source)
    } catch (error) {
      return failedRead(source, error)
    }
  }

  #withoutSecrets(source: string, text: string): string {
    if (!this.#shared.redacts) return text
    const redacted = redactText(source, text)
    this.#shared.log.add(source, redacted)
    return redacted.value
  }

  #answerWithoutSecrets(question: string, answer: unknown): unknown {
    if (!this.#shared.redacts) return answer
    const redacted = redactJson(answer)
    this.#shared.log.add(question, redacted)
    return redacted.value
  }
}

/** Reads whole files into one buffer that grows as needed and is used again: thousands of procfs files per run. */
class FileReader {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER)

  /** The text of a regular file; invalid UTF-8 becomes U+FFFD. Throws what the system calls throw. */
  read(place: Place, source: string): Observed<string> {
    // A FIFO, socket or device is not even opened: opening some devices does something.
    if (place.stats !== undefined && !place.stats.isFile()) return notAFile(source, place.stats)
    const descriptor = openSync(place.local, place.procfs ? OPEN : OPEN_NO_LINK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return notAFile(source, stats)
      if (stats.size > LIMITS.text) return unreadable(source, 'too-large')
      const length = this.#fill(descriptor, place.procfs ? undefined : stats.size)
      return length > LIMITS.text ? unreadable(source, 'too-large') : ok(this.#buffer.toString('utf8', 0, length), source)
    } finally {
      closeSync(descriptor)
    }
  }

  /**
   * Reads until the end of the file, or until it is too large.
   *
   * @param size of the file; undefined in procfs, which reports 0 and may give less than asked for
   */
  #fill(descriptor: number, size: number | undefined): number {
    let length = 0
    for (;;) {
      if (length === this.#buffer.length) this.#grow()
      const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, null)
      length += read
      if (read === 0 || length === size || length > LIMITS.text) return length
    }
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#buffer.length * 4, LIMITS.text + 1))
    this.#buffer.copy(larger)
    this.#buffer = larger
  }
}

class RedactionLog {
  readonly #counts = new Map<string, Redaction>()

  add(source: string, redacted: Redacted<unknown>): void {
    for (const {rule, count} of redacted.redacted) {
      const key = `${rule} ${source}`
      this.#counts.set(key, {source, rule, count: count + (this.#counts.get(key)?.count ?? 0)})
    }
  }

  all(): readonly Redaction[] {
    return [...this.#counts.values()]
  }
}

function notAFile(source: string, stats: Stats): Observed<never> {
  return unreadable(source, 'EIO', stats.isDirectory() ? 'is a directory' : 'is no regular file')
}

function readTarget(place: Place, source: string): Observed<string> {
  try {
    return ok(readlinkSync(place.local), source)
  } catch (error) {
    // EINVAL: something is there, but it is no symlink.
    return (error as NodeJS.ErrnoException).code === 'EINVAL' ? absent(source) : failedRead(source, error)
  }
}

function fileStat(stats: Stats): FileStat {
  return {type: typeOf(stats), size: stats.size, inode: stats.ino, device: deviceNumber(stats.dev), mode: stats.mode & 0o7777, uid: stats.uid}
}

function typeOf(stats: Stats): FileStat['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSocket() ? 'socket' : 'other'
}

/** `st_dev` of Linux (glibc's gnu_dev_major and gnu_dev_minor) as "major:minor", decimal. */
function deviceNumber(device: number): string {
  const all = BigInt(device)
  const major = ((all >> 8n) & 0xfffn) | ((all >> 32n) & 0xff_fff000n)
  const minor = (all & 0xffn) | ((all >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

const TIMEOUT = Symbol('timeout')

/** The answer, or TIMEOUT when it takes too long. The one who asks is left to settle unheard. */
async function inTime<T>(live: (limitMs: number) => Promise<T>, limitMs: number): Promise<T | typeof TIMEOUT> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof TIMEOUT>((settle) => {
    timer = setTimeout(settle, limitMs, TIMEOUT)
  })
  try {
    return await Promise.race([live(limitMs), late])
  } finally {
    clearTimeout(timer)
  }
}
