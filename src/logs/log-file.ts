// SPDX-License-Identifier: Apache-2.0
import type {BigIntStats} from 'node:fs'
import {closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync} from 'node:fs'
import {UserError} from '../model/user-error.ts'

/** docker cuts its lines after 16 KiB of text, which escapes can make six times as long; this leaves room for others. */
export const LONGEST_JSON_LINE = 16 * 1024 * 1024

// Never wait for the writer of a FIFO, never become a terminal's owner.
const OPEN = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
/** A truncated file that has grown again begins with other bytes: its first timestamp differs. */
const HEAD_LENGTH = 64

/** An open log file. */
export class LogFile {
  /** as it was asked for */
  readonly path: string
  /** where links led to */
  readonly realPath: string
  readonly descriptor: number
  /** how much was there when it was opened */
  readonly size: number
  /** how far it was read */
  position = 0
  #head: Buffer = Buffer.alloc(0)
  #closed = false

  /**
   * @param location where the file stands now, when it was rotated away from the log's path
   * @throws UserError when there is no regular file that may be read
   */
  constructor(path: string, location = path) {
    this.path = path
    try {
      this.realPath = realpathSync(location)
      this.descriptor = openSync(this.realPath, OPEN)
    } catch (error) {
      throw openProblem(path, error)
    }
    const stats = fstatSync(this.descriptor)
    this.size = stats.size
    if (stats.isFile()) return
    this.close()
    throw new UserError(`${path} is no log file: it is ${kindOf(stats)}.`, 'Give the path of a container\'s log, as `rtctl cri inspect` shows it (logPath).')
  }

  /**
   * Reads on from where the last read ended.
   *
   * @returns how many bytes; 0 at the end
   * @throws UserError when the file cannot be read
   */
  read(into: Buffer, at: number, length: number): number {
    try {
      const count = readSync(this.descriptor, into, at, length, this.position)
      this.position += count
      return count
    } catch (error) {
      throw new UserError(`${this.path} cannot be read at byte ${this.position}: ${messageOf(error)}.`, 'Look for errors of the disk with `dmesg`.')
    }
  }

  stats(): BigIntStats {
    return fstatSync(this.descriptor, {bigint: true})
  }

  /** Keeps what it begins with, as far as it was read, to tell later whether it is still the same. */
  remember(): void {
    if (this.#head.length < Math.min(HEAD_LENGTH, this.position)) this.#head = this.#beginning()
  }

  /** Whether it was cut off and begins anew (copytruncate), be it longer by now than what was read of it. */
  wasTruncated(): boolean {
    return Number(this.stats().size) < this.position || !this.#beginning().subarray(0, this.#head.length).equals(this.#head)
  }

  /** Whether another file stands at the log's path: this one was renamed, or removed. */
  wasReplaced(): boolean {
    const there = statAt(this.path)
    if (there === undefined) return false
    const mine = this.stats()
    return there.ino !== mine.ino || there.dev !== mine.dev
  }

  /** Reads it from its start again. */
  rewind(): void {
    this.position = 0
    this.#head = Buffer.alloc(0)
  }

  close(): void {
    if (!this.#closed) closeSync(this.descriptor)
    this.#closed = true
  }

  #beginning(): Buffer {
    const bytes = Buffer.alloc(Math.min(HEAD_LENGTH, this.position))
    return bytes.subarray(0, readSync(this.descriptor, bytes, 0, bytes.length, 0))
  }
}

/** What stands at a path, links followed; undefined also when it may not be looked at. */
export function statAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, {bigint: true, throwIfNoEntry: false})
  } catch {
    return undefined
  }
}

function kindOf(stats: {isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean}): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}

function openProblem(path: string, error: unknown): UserError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new UserError(
        `There is no log file at ${path}.`,
        'The runtime makes it when the container starts; it may have been removed since. If the runtime runs on another host, or in a machine of its own, run rtctl there.',
      )
    case 'EACCES':
    case 'EPERM':
      return new UserError(`${path} may not be read by this user.`, 'Run it as root.')
    case 'ELOOP':
      return new UserError(`${path} cannot be opened: its links lead in a circle.`, 'Look at them with `namei -l`, and remove the one that is wrong.')
    case 'ENXIO':
      return new UserError(`${path} is no log file: it is a socket or a device.`, 'Give the path of a container\'s log, as `rtctl cri inspect` shows it (logPath).')
    default:
      return new UserError(`${path} cannot be opened: ${messageOf(error)}.`, 'Look at it with `ls -l`.')
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
