// SPDX-License-Identifier: Apache-2.0
import type {Piece} from './piece.ts'
import {timestampEnd} from './timestamp.ts'
import {isWord} from './word.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const LETTER_N = 0x6e
const LETTER_U = 0x75
const FIRST_PRINTABLE = 0x20

const HEAD = Buffer.from('{"log":"')
const STDOUT = Buffer.from('","stream":"stdout","time":"')
const STDERR = Buffer.from('","stream":"stderr","time":"')
const FOOT = Buffer.from('"}')
const LONGEST_TIME = 40

/** What a letter after a backslash stands for; those that are not here are no escape of JSON. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [QUOTE, QUOTE], [BACKSLASH, BACKSLASH], [0x2f, 0x2f], [0x62, 0x08], [0x66, 0x0c], [LETTER_N, NEWLINE], [0x72, 0x0d], [0x74, 0x09],
])

/**
 * Reads a line of docker's json-file format, `{"log":"TEXT\n","stream":"stdout","time":"TIME"}`. docker cuts a line
 * after 16 KiB (moby daemon/logger/copier.go); the text of such a piece has no `\n` at its end.
 *
 * @param end of the line, without its newline
 * @returns false when it is no such line. The text of a line that docker's own encoder cannot have written is not looked
 *   into here: writeUnescaped does that.
 */
export function readJsonLine(bytes: Buffer, start: number, end: number, piece: Piece): boolean {
  return readPlain(bytes, start, end, piece) || readAny(bytes, start, end, piece)
}

/** The line as docker writes it when no log options add attributes: nothing is decoded. */
function readPlain(bytes: Buffer, start: number, end: number, piece: Piece): boolean {
  const timeEnd = end - FOOT.length
  if (!isWord(bytes, start, HEAD) || !isWord(bytes, timeEnd, FOOT)) return false
  let timeStart = timeEnd
  while (timeStart > timeEnd - LONGEST_TIME && bytes[timeStart - 1] !== QUOTE) timeStart--
  const textEnd = timeStart - STDOUT.length
  if (textEnd < start + HEAD.length || timestampEnd(bytes, timeStart, timeEnd) !== timeEnd) return false
  if (isWord(bytes, textEnd, STDOUT)) piece.stream = 0
  else if (isWord(bytes, textEnd, STDERR)) piece.stream = 1
  else return false
  piece.source = bytes
  piece.timeStart = timeStart
  piece.timeEnd = timeEnd
  piece.textStart = start + HEAD.length
  piece.partial = !endsWithEscapedNewline(bytes, piece.textStart, textEnd)
  piece.textEnd = piece.partial ? textEnd : textEnd - 2
  piece.escaped = true
  return true
}

/** Whether `\n` stands at the end, and not `\\n`. */
function endsWithEscapedNewline(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[end - 1] !== LETTER_N) return false
  let first = end - 1
  while (first > start && bytes[first - 1] === BACKSLASH) first--
  return (end - 1 - first) % 2 === 1
}

/** Any JSON object with the three members, in any order, with others among them (`attrs`, of docker's log options). */
function readAny(bytes: Buffer, start: number, end: number, piece: Piece): boolean {
  const {log = '', stream, time} = parsed(bytes.toString('utf8', start, end))
  if (typeof log !== 'string' || typeof time !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return false
  const source = Buffer.from(time + log)
  const timeEnd = timestampEnd(source, 0, time.length)
  if (timeEnd < 0 || timeEnd !== time.length) return false
  piece.source = source
  piece.stream = stream === 'stdout' ? 0 : 1
  piece.timeStart = 0
  piece.timeEnd = timeEnd
  piece.textStart = timeEnd
  piece.partial = source.at(-1) !== NEWLINE
  piece.textEnd = piece.partial ? source.length : source.length - 1
  piece.escaped = false
  return true
}

function parsed(text: string): {readonly log?: unknown; readonly stream?: unknown; readonly time?: unknown} {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/**
 * Writes what the inside of a JSON string stands for, as UTF-8. Half a surrogate pair becomes U+FFFD, as in Go.
 *
 * @returns the offset in `out` after it; -1 when it is no inside of a JSON string
 */
export function writeUnescaped(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number): number {
  let to = at
  let from = start
  while (from < end) {
    const byte = bytes[from] ?? 0
    if (byte !== BACKSLASH) {
      if (byte === QUOTE || byte < FIRST_PRINTABLE) return -1
      out[to++] = byte
      from++
      continue
    }
    const letter = bytes[from + 1] ?? 0
    if (letter !== LETTER_U) {
      const meant = from + 1 < end ? ESCAPES.get(letter) : undefined
      if (meant === undefined) return -1
      out[to++] = meant
      from += 2
      continue
    }
    const character = hexEscape(bytes, from, end)
    if (character === undefined) return -1
    from += character.length
    to += out.write(character.text, to)
  }
  return to
}

interface HexEscape {
  readonly text: string
  /** bytes that it takes */
  readonly length: number
}

/** `\u003c`, or two of them that are one character. */
function hexEscape(bytes: Uint8Array, at: number, end: number): HexEscape | undefined {
  const first = hexUnit(bytes, at, end)
  if (first === undefined) return undefined
  const second = isHighSurrogate(first) ? hexUnit(bytes, at + 6, end) : undefined
  if (second !== undefined && isLowSurrogate(second)) return {text: String.fromCharCode(first, second), length: 12}
  const half = isHighSurrogate(first) || isLowSurrogate(first)
  return {text: half ? '\ufffd' : String.fromCharCode(first), length: 6}
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff

function hexUnit(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (at + 6 > end || bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) return undefined
  const digits = String.fromCharCode(...bytes.subarray(at + 2, at + 6))
  return /^[\da-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined
}
