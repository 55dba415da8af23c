// SPDX-License-Identifier: Apache-2.0
import type {Piece} from './piece.ts'
import {timestampEnd} from './timestamp.ts'
import {isWord} from './word.ts'

const SPACE = 0x20
const COLON = 0x3a
const LETTER_P = 0x50
const STDOUT = Buffer.from('stdout')
const STDERR = Buffer.from('stderr')

/**
 * Reads a line of the CRI's log format, `TIME stdout|stderr TAGS TEXT` (kubernetes design proposal "CRI: logging"). The
 * first of the tags, which colons part, is `P` for a piece of a line and `F` for its end; others may come.
 *
 * @param end of the line, without its newline; the text may go on after it
 * @returns false when it is no such line
 */
export function readCriLine(bytes: Buffer, start: number, end: number, piece: Piece): boolean {
  const timeEnd = timestampEnd(bytes, start, end)
  if (timeEnd < 0 || bytes[timeEnd] !== SPACE) return false
  const stream = timeEnd + 1
  const tags = stream + STDOUT.length + 1
  if (tags >= end || bytes[tags - 1] !== SPACE) return false
  if (isWord(bytes, stream, STDOUT)) piece.stream = 0
  else if (isWord(bytes, stream, STDERR)) piece.stream = 1
  else return false
  let tagsEnd = tags
  while (tagsEnd < end && bytes[tagsEnd] !== SPACE) tagsEnd++
  if (tagsEnd === end) return false
  piece.partial = bytes[tags] === LETTER_P && (tagsEnd === tags + 1 || bytes[tags + 1] === COLON)
  piece.source = bytes
  piece.timeStart = start
  piece.timeEnd = timeEnd
  piece.textStart = tagsEnd + 1
  piece.textEnd = end
  piece.escaped = false
  return true
}
