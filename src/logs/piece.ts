// SPDX-License-Identifier: Apache-2.0
import {readCriLine} from './cri-line.ts'
import {readJsonLine} from './json-line.ts'

/** Number of a stream: an index is cheaper to compare than its name, and there are millions of lines. */
export type StreamIndex = 0 | 1
export const STREAMS = ['stdout', 'stderr'] as const

/**
 * What one line of a log file says: a whole line that a container wrote, or a piece of it. One object is filled anew for
 * every line of a file, because a new one for each would cost more than reading it.
 */
export interface Piece {
  /** where the offsets lead */
  source: Buffer
  stream: StreamIndex
  /** whether the container's line goes on in the next piece of this stream */
  partial: boolean
  timeStart: number
  timeEnd: number
  /** the text, without the newline at its end */
  textStart: number
  textEnd: number
  /** whether the text is the inside of a JSON string */
  escaped: boolean
}

/** what a line of the json-file format begins with, and no other does */
export const BRACE = 0x7b

export function newPiece(): Piece {
  return {source: Buffer.alloc(0), stream: 0, partial: false, timeStart: 0, timeEnd: 0, textStart: 0, textEnd: 0, escaped: false}
}

/**
 * Reads a line of a log file, in whichever format it is: only the json-file format of docker begins with a brace.
 * NUL bytes before it are passed over: a crash leaves them where a file had been extended but not yet written.
 *
 * @param end of the line, without its newline
 * @returns false when it is no line of a log
 */
export function readPiece(bytes: Buffer, start: number, end: number, piece: Piece): boolean {
  let at = start
  while (at < end && bytes[at] === 0) at++
  return bytes[at] === BRACE ? readJsonLine(bytes, at, end, piece) : readCriLine(bytes, at, end, piece)
}
