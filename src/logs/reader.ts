// SPDX-License-Identifier: Apache-2.0
import type {LogDecoder} from './decoder.ts'
import type {LogFile} from './log-file.ts'
import {LONGEST_JSON_LINE} from './log-file.ts'
import type {LogWriter} from './writer.ts'

const BLOCK = 256 * 1024

/** Moves what is in a log file to its writer, block by block. */
export class LogReader {
  file: LogFile
  readonly #decoder: LogDecoder
  readonly #writer: LogWriter
  readonly #signal: AbortSignal | undefined
  #buffer: Buffer = Buffer.allocUnsafeSlow(BLOCK)
  /** what of the buffer was read but not decoded: the beginning of a line */
  #filled = 0

  constructor(file: LogFile, decoder: LogDecoder, writer: LogWriter, signal: AbortSignal | undefined) {
    this.file = file
    this.#decoder = decoder
    this.#writer = writer
    this.#signal = signal
  }

  get path(): string {
    return this.file.path
  }

  /** Whether no more is to be printed. */
  get done(): boolean {
    return this.#writer.full || this.#signal?.aborted === true
  }

  /** Whether there were lines, and none of them was of a log. */
  get understoodNothing(): boolean {
    return this.#decoder.understoodNothing
  }

  /** Prints the whole lines up to the end of the file, or up to an offset in it. */
  async drain(end = Number.POSITIVE_INFINITY): Promise<void> {
    while (!this.done) {
      const room = Math.min(this.#buffer.length - this.#filled, end - this.file.position)
      const count = room > 0 ? this.file.read(this.#buffer, this.#filled, room) : 0
      if (count === 0) return
      this.#filled += count
      this.#decode()
      await this.#writer.flush(this.#signal)
      // Reading and writing a file never let anything else have its turn: not even Ctrl-C.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** Prints what stands at the end of the file without a newline. */
  async finish(): Promise<void> {
    if (this.done) return
    this.#decoder.unfinished(this.#buffer.subarray(0, this.#filled), this.file.position - this.#filled)
    this.#filled = 0
    await this.#writer.flush(this.#signal)
  }

  /** Goes on with another file, from its start. */
  switchTo(file: LogFile): void {
    this.file.close()
    this.file = file
    this.#restart()
  }

  /** Goes on with the same file, from its start. */
  rewind(): void {
    this.file.rewind()
    this.#restart()
  }

  close(): void {
    this.file.close()
  }

  #restart(): void {
    this.#filled = 0
    this.#decoder.restart()
  }

  #decode(): void {
    const block = this.#buffer.subarray(0, this.#filled)
    const offset = this.file.position - this.#filled
    let used = this.#decoder.whole(block, offset)
    if (used === 0 && this.#filled === this.#buffer.length) {
      used = this.#decoder.beginning(block, offset, this.#buffer.length >= LONGEST_JSON_LINE)
      if (used === 0) this.#grow()
    }
    this.#buffer.copyWithin(0, used, this.#filled)
    this.#filled -= used
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2)
    this.#buffer.copy(larger, 0, 0, this.#filled)
    this.#buffer = larger
  }
}
