// SPDX-License-Identifier: Apache-2.0
import type {StreamIndex} from './piece.ts'
import {BRACE, newPiece, readPiece} from './piece.ts'
import type {Moment} from './timestamp.ts'
import type {LogWriter} from './writer.ts'

export interface DecoderOptions {
  /** print the time at the start of each line */
  readonly timestamps: boolean
  /** leave lines that began before it out */
  readonly since: Moment | undefined
  /** only this stream */
  readonly stream: StreamIndex | undefined
  /** told of the first line that cannot be read: its offset in the file and its first bytes */
  readonly onMalformed: (offset: number, sample: Buffer) => void
}

/** How a container's line goes on that has begun. */
interface LineState {
  /** whether the last piece was not the end of the line */
  open: boolean
  /** whether the line is left out */
  hidden: boolean
}

/** The rest of a line of the file that is too long to be looked at as a whole. */
interface Rest {
  readonly stream: StreamIndex
  readonly shown: boolean
  readonly partial: boolean
}

const NEWLINE = 0x0a
const SAMPLE_LENGTH = 120

/**
 * Turns blocks of a log file into text. Pieces of a line are joined, stream by stream: what the other stream wrote in
 * between does not end the line.
 */
export class LogDecoder {
  readonly #options: DecoderOptions
  readonly #writer: LogWriter
  readonly #piece = newPiece()
  readonly #lines: readonly [LineState, LineState] = [{open: false, hidden: false}, {open: false, hidden: false}]
  /** offsets in the file from which on each stream is shown */
  #from: readonly [number, number]
  #rest: Rest | undefined
  #understood = 0
  #malformed = 0

  constructor(options: DecoderOptions, writer: LogWriter, from: readonly [number, number]) {
    this.#options = options
    this.#writer = writer
    this.#from = from
  }

  /** Whether there were lines, and none of them was of a log. */
  get understoodNothing(): boolean {
    return this.#malformed > 0 && this.#understood === 0
  }

  /**
   * Decodes the whole lines of a block.
   *
   * @param offset of the block in the file
   * @returns how many bytes are done with; the rest is to be given again, with more after it
   */
  whole(block: Buffer, offset: number): number {
    this.#writer.reserve(block.length)
    let at = this.#finishRest(block)
    while (at < block.length && !this.#writer.full) {
      const newline = block.indexOf(NEWLINE, at)
      if (newline < 0) break
      this.#line(block, at, newline, offset, true)
      at = newline + 1
    }
    return at
  }

  /** Decodes a line that has no newline and will get none. */
  unfinished(block: Buffer, offset: number): void {
    if (block.length > 0) this.#line(block, 0, block.length, offset, false)
  }

  /**
   * Decodes the beginning of a line that is too long for the block; the rest comes with the next ones.
   *
   * @param drop whether to pass the line over when its beginning alone cannot be decoded (json-file: the stream and
   *   the time come after the text)
   * @returns how many bytes are done with
   */
  beginning(block: Buffer, offset: number, drop: boolean): number {
    if (block[0] === 0) return nulsAt(block)
    const piece = this.#piece
    if (block[0] !== BRACE && readPiece(block, 0, block.length, piece)) {
      this.#rest = {stream: piece.stream, partial: piece.partial, shown: this.#show(offset, block.length, false)}
      return block.length
    }
    if (block[0] === BRACE && !drop) return 0
    this.#reject(block, 0, block.length, offset)
    this.#rest = {stream: 0, shown: false, partial: true}
    return block.length
  }

  /** The next block is of another file, or of the same one from its start: a line that was cut off stays so. */
  restart(): void {
    this.#rest = undefined
    this.#from = [0, 0]
  }

  #finishRest(block: Buffer): number {
    const rest = this.#rest
    if (rest === undefined) return 0
    const newline = block.indexOf(NEWLINE)
    const end = newline < 0 ? block.length : newline
    if (rest.shown) this.#writer.more(rest.stream, block, 0, newline < 0 || rest.partial ? end : end + 1)
    if (newline < 0) return end
    this.#rest = undefined
    return newline + 1
  }

  #line(block: Buffer, start: number, end: number, offset: number, terminated: boolean): void {
    if (!readPiece(block, start, end, this.#piece)) this.#reject(block, start, end, offset + start)
    else this.#show(offset + start, end, terminated)
  }

  /** @returns whether it is shown */
  #show(offset: number, end: number, terminated: boolean): boolean {
    const piece = this.#piece
    this.#understood++
    if (offset < this.#from[piece.stream]) return false
    const line = this.#lines[piece.stream]
    const begins = !line.open
    const {since, stream, timestamps} = this.#options
    if (begins) line.hidden = since?.isAfter(piece.source, piece.timeStart, piece.timeEnd) ?? false
    line.open = piece.partial
    if (line.hidden || (stream !== undefined && piece.stream !== stream)) return false
    const written = this.#writer.piece(piece, timestamps && begins, terminated && !piece.partial)
    if (!written) this.#reject(piece.source, piece.textStart, end, offset)
    return written
  }

  #reject(block: Buffer, start: number, end: number, offset: number): void {
    if (this.#malformed++ > 0) return
    this.#options.onMalformed(offset, Buffer.from(block.subarray(start, Math.min(end, start + SAMPLE_LENGTH))))
  }
}

/** How many NUL bytes a block begins with. */
function nulsAt(block: Buffer): number {
  let count = 0
  while (block[count] === 0) count++
  return count
}
