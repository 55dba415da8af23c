// SPDX-License-Identifier: Apache-2.0
import {writeUnescaped} from './json-line.ts'
import type {Piece, StreamIndex} from './piece.ts'
import {PRINTED_LENGTH, printTimestamp} from './timestamp.ts'

/** Takes bytes, and says when it has room for more: what a Writable of Node.js does. */
export interface ByteSink {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown
}

/** Where the text of the two streams goes. Text of both is written in the order of the file. */
export interface LogSinks {
  readonly stdout: ByteSink
  readonly stderr: ByteSink
}

/** A run of bytes for one stream. */
interface Run {
  readonly stream: StreamIndex
  readonly from: number
}

interface Chunk {
  readonly stream: StreamIndex
  readonly bytes: Uint8Array
}

const SPACE = 0x20
const NEWLINE = 0x0a
/** besides the text: the timestamp, a space, the newline */
const EXTRA = PRINTED_LENGTH + 2

/** Gathers text until it is worth writing, in the order of the file also where the stream changes. */
export class LogWriter {
  readonly #sinks: readonly [ByteSink, ByteSink]
  #remaining: number
  #out: Buffer = Buffer.alloc(0)
  #at = 0
  #runs: Run[] = []

  /** @param limitBytes how much is written at most, timestamps included */
  constructor(sinks: LogSinks, limitBytes = Number.POSITIVE_INFINITY) {
    this.#sinks = [sinks.stdout, sinks.stderr]
    this.#remaining = limitBytes
  }

  /** Whether as much was gathered as may be written. */
  get full(): boolean {
    return this.#remaining <= 0
  }

  /** Makes room for what `length` bytes of a log file may come to, so that it is there at once. */
  reserve(length: number): void {
    if (this.#at === 0 && this.#out.length < length * 1.25) this.#out = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25))
  }

  /** @returns false, and nothing is written, when the text is no inside of a JSON string */
  piece(piece: Piece, withTime: boolean, withNewline: boolean): boolean {
    const {source, textStart, textEnd} = piece
    const start = this.#room(textEnd - textStart + EXTRA)
    let at = start
    if (withTime) {
      at = printTimestamp(this.#out, at, source, piece.timeStart, piece.timeEnd)
      this.#out[at++] = SPACE
    }
    if (piece.escaped) at = writeUnescaped(this.#out, at, source, textStart, textEnd)
    else at = this.#copy(at, source, textStart, textEnd)
    if (at < 0) return false
    if (withNewline) this.#out[at++] = NEWLINE
    this.#wrote(piece.stream, start, at)
    return true
  }

  /** More of a text that began in a piece before. */
  more(stream: StreamIndex, source: Buffer, start: number, end: number): void {
    const at = this.#room(end - start)
    this.#wrote(stream, at, this.#copy(at, source, start, end))
  }

  /** Writes what was gathered. Resolves when it was taken, or when the signal ends the wait. */
  async flush(signal: AbortSignal | undefined): Promise<void> {
    if (this.#at === 0 || signal?.aborted) return
    const [out, end, runs] = [this.#out, this.#at, this.#runs]
    // A new buffer each time: a sink may keep what it was given.
    this.#out = Buffer.alloc(0)
    this.#at = 0
    this.#runs = []
    await this.#taken(runs.map(({stream, from}, index) => ({stream, bytes: out.subarray(from, runs[index + 1]?.from ?? end)})), signal)
  }

  /** All at once: where both streams are terminals, files or pipes, each write is done when its call returns. */
  async #taken(chunks: readonly Chunk[], signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let left = chunks.length
      const done = () => {
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done)
      for (const {stream, bytes} of chunks) {
        this.#sinks[stream].write(bytes, (error) => {
          if (error) reject(error)
          else if (--left === 0) done()
        })
      }
    })
  }

  #room(length: number): number {
    if (this.#at + length > this.#out.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#out.length * 2, this.#at + length))
      this.#out.copy(larger, 0, 0, this.#at)
      this.#out = larger
    }
    return this.#at
  }

  /** Half as fast again as Buffer.copy() for pieces of this size. */
  #copy(at: number, source: Buffer, start: number, end: number): number {
    this.#out.set(source.subarray(start, end), at)
    return at + end - start
  }

  #wrote(stream: StreamIndex, start: number, end: number): void {
    if (start === end) return
    if (this.#runs.at(-1)?.stream !== stream) this.#runs.push({stream, from: start})
    const taken = Math.min(end - start, this.#remaining)
    this.#at = start + taken
    this.#remaining -= taken
  }
}
