// SPDX-License-Identifier: Apache-2.0
import {readSync} from 'node:fs'
import {LONGEST_JSON_LINE} from './log-file.ts'
import type {Piece, StreamIndex} from './piece.ts'
import {newPiece, readPiece} from './piece.ts'

const NEWLINE = 0x0a
const WINDOW = 64 * 1024
/** More than the time, the stream and the tags of a line take. */
const HEAD_LENGTH = 512
const FIRST_DIGIT = 0x30
const LAST_DIGIT = 0x39
/**
 * How far back the beginning of a line is looked for, when only the other stream is met: the pieces of a line are
 * written one right after another, and the rest of a file may have none of that stream.
 */
const LOOK_BACK = 1024 * 1024

/**
 * Where the last lines of a log file begin, as its reader counts them: the pieces of a line are one, and a line that
 * lacks its end counts. Reads the file from its end.
 *
 * @param size how much of the file there is
 * @param only count the lines of one stream
 * @returns for each stream, the offset of the first line that belongs to them; `size` when none does; 0 when the file has
 *   no line of a log
 */
export function tailStart(file: number, size: number, lines: number, only?: StreamIndex): readonly [number, number] {
  const tail = new Tail(size, lines)
  if (lines <= 0) return tail.from
  const backward = new BackwardLines(file, size)
  let understood = false
  while (!tail.isComplete(backward.start) && backward.next()) {
    if (!backward.understood) continue
    understood = true
    const {stream, partial} = backward.piece
    if (only === undefined || stream === only) tail.take(stream, partial, backward.start)
  }
  // Whoever reads the file from its start finds out what it is.
  return understood ? tail.from : [0, 0]
}

/** Counts lines from the end, piece by piece. */
class Tail {
  readonly from: [number, number]
  readonly #lines: number
  #found = 0
  /** whether earlier pieces may belong to the first line of the stream */
  readonly #open: [boolean, boolean] = [false, false]

  constructor(size: number, lines: number) {
    this.from = [size, size]
    this.#lines = lines
  }

  take(stream: StreamIndex, partial: boolean, start: number): void {
    const goesOn = partial && this.#open[stream]
    if (!goesOn) {
      this.#open[stream] = this.#found < this.#lines
      if (this.#open[stream]) this.#found++
    }
    if (this.#open[stream]) this.from[stream] = start
  }

  /** @param start what lies before it was not looked at */
  isComplete(start: number): boolean {
    return this.#found === this.#lines && !this.#isAwaited(0, start) && !this.#isAwaited(1, start)
  }

  #isAwaited(stream: StreamIndex, start: number): boolean {
    return this.#open[stream] && this.from[stream] - start <= LOOK_BACK
  }
}

/** The lines of a file, the last one first. */
class BackwardLines {
  readonly piece: Piece = newPiece()
  /** where the line begins in the file */
  start: number
  /** whether `piece` tells of it */
  understood = false
  readonly #file: number
  readonly #window = Buffer.allocUnsafeSlow(WINDOW)
  #windowStart: number
  #windowEnd: number
  #end: number

  constructor(file: number, size: number) {
    this.#file = file
    this.start = size
    this.#end = size
    this.#windowStart = size
    this.#windowEnd = size
  }

  next(): boolean {
    if (this.#end === 0) return false
    const end = this.#end
    const start = this.#startBefore(end)
    this.start = start
    this.#end = start
    this.understood = this.#read(start, end)
    return true
  }

  /** Where the line begins that ends at an offset, its newline included. */
  #startBefore(end: number): number {
    let last = end - 2
    while (last >= 0) {
      if (last < this.#windowStart) this.#load(last + 2)
      if (last < this.#windowStart) return 0
      const newline = this.#window.lastIndexOf(NEWLINE, last - this.#windowStart)
      if (newline >= 0) return this.#windowStart + newline + 1
      last = this.#windowStart - 1
    }
    return 0
  }

  #load(end: number): void {
    const start = Math.max(0, end - WINDOW)
    const length = readFully(this.#file, this.#window, start, end - start)
    this.#windowStart = start
    this.#windowEnd = start + length
  }

  #read(start: number, end: number): boolean {
    if (start >= this.#windowStart && end <= this.#windowEnd) {
      const [from, to] = [start - this.#windowStart, end - this.#windowStart]
      return readPiece(this.#window, from, this.#window[to - 1] === NEWLINE ? to - 1 : to, this.piece)
    }
    const head = this.#bytes(start, Math.min(end, start + HEAD_LENGTH))
    const first = head[0] ?? 0
    if (first >= FIRST_DIGIT && first <= LAST_DIGIT) return readPiece(head, 0, withoutNewline(head), this.piece)
    if (end - start > LONGEST_JSON_LINE) return false
    const all = this.#bytes(start, end)
    return readPiece(all, 0, withoutNewline(all), this.piece)
  }

  #bytes(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(end - start)
    return bytes.subarray(0, readFully(this.#file, bytes, start, end - start))
  }
}

function withoutNewline(bytes: Buffer): number {
  return bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length
}

function readFully(file: number, into: Buffer, position: number, length: number): number {
  let filled = 0
  while (filled < length) {
    const count = readSync(file, into, filled, length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
