// SPDX-License-Identifier: Apache-2.0

// `2016-10-06T00:17:09` is what every RFC 3339 timestamp of a log begins with; its fraction and zone vary.
const SECONDS_LENGTH = 19
const FRACTION_DIGITS = 9
const FULL_LENGTH = '2016-10-06T00:17:09.669794202Z'.length
/** Most bytes that a timestamp takes when it is printed: with an offset in place of `Z`. */
export const PRINTED_LENGTH = '2016-10-06T00:17:09.669794202+00:00'.length

const ZERO = 0x30
const NINE = 0x39
const DASH = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const COLON = 0x3a
const LETTER_T = 0x54
const LETTER_Z = 0x5a

const NS_PER_MINUTE = 60_000_000_000n
const NS_PER_MS = 1_000_000n
// What Date can print with four digits of a year.
const YEAR_0 = -62_167_219_200_000n * NS_PER_MS
const YEAR_10000 = 253_402_300_800_000n * NS_PER_MS

/**
 * Where the RFC 3339 timestamp that begins at a byte ends: the offset after it, or -1 when there is none.
 *
 * @param end first byte that is no longer to be looked at
 */
export function timestampEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < SECONDS_LENGTH + 1 || !isDateTime(bytes, at)) return -1
  let next = at + SECONDS_LENGTH
  if (bytes[next] === DOT) {
    const first = ++next
    while (next < end && isDigit(bytes[next])) next++
    if (next === first) return -1
  }
  if (next >= end) return -1
  if (bytes[next] === LETTER_Z) return next + 1
  const isOffset = end - next >= 6 && (bytes[next] === PLUS || bytes[next] === DASH) && bytes[next + 3] === COLON
  return isOffset && areDigits(bytes, next + 1, 2) && areDigits(bytes, next + 4, 2) ? next + 6 : -1
}

function isDateTime(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at + 4] === DASH && bytes[at + 7] === DASH && bytes[at + 10] === LETTER_T && bytes[at + 13] === COLON && bytes[at + 16] === COLON &&
    areDigits(bytes, at, 4) && areDigits(bytes, at + 5, 2) && areDigits(bytes, at + 8, 2) &&
    areDigits(bytes, at + 11, 2) && areDigits(bytes, at + 14, 2) && areDigits(bytes, at + 17, 2)
  )
}

function areDigits(bytes: Uint8Array, at: number, count: number): boolean {
  for (let index = at; index < at + count; index++) if (!isDigit(bytes[index])) return false
  return true
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

/**
 * Copies a timestamp in the form that crictl prints: nine digits of a fraction, and `Z` where the offset is zero
 * (k8s.io/cri-client pkg/logs/logs.go, timeFormatOut). Runtimes leave zeros at the end of a fraction out.
 *
 * @param end of the timestamp, as timestampEnd told
 * @returns the offset in `out` after it
 */
export function printTimestamp(out: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  if (end - start === FULL_LENGTH && bytes[end - 1] === LETTER_Z) {
    out.set(bytes.subarray(start, end), at)
    return at + FULL_LENGTH
  }
  let from = start + SECONDS_LENGTH
  let to = at + SECONDS_LENGTH
  out.set(bytes.subarray(start, from), at)
  out[to++] = DOT
  if (bytes[from] === DOT) from++
  for (let digits = 0; digits < FRACTION_DIGITS; digits++) {
    out[to++] = isDigit(bytes[from]) ? (bytes[from++] ?? ZERO) : ZERO
  }
  return printZone(out, to, bytes, end)
}

function printZone(out: Uint8Array, at: number, bytes: Uint8Array, end: number): number {
  if (zoneMinutes(bytes, end) === 0) {
    out[at] = LETTER_Z
    return at + 1
  }
  out.set(bytes.subarray(end - 6, end), at)
  return at + 6
}

function zoneMinutes(bytes: Uint8Array, end: number): number {
  if (bytes[end - 1] === LETTER_Z) return 0
  const digit = (back: number) => (bytes[end - back] ?? ZERO) - ZERO
  const minutes = (digit(5) * 10 + digit(4)) * 60 + digit(2) * 10 + digit(1)
  return bytes[end - 6] === DASH ? -minutes : minutes
}

/** A moment that timestamps are held against as they stand, without making numbers of them. */
export class Moment {
  readonly #ns: bigint
  /** by minutes east of UTC: the moment as `2016-10-06T00:17:09.669794202`; CRI-O writes local time */
  readonly #texts = new Map<number, Uint8Array>()

  /** @param ns nanoseconds since 1970 */
  constructor(ns: bigint) {
    this.#ns = ns
  }

  /** Whether the timestamp `bytes[start, end)` lies before the moment. */
  isAfter(bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.#textFor(zoneMinutes(bytes, end))
    for (let index = 0; index < SECONDS_LENGTH; index++) {
      const difference = (bytes[start + index] ?? 0) - (text[index] ?? 0)
      if (difference !== 0) return difference < 0
    }
    let from = bytes[start + SECONDS_LENGTH] === DOT ? start + SECONDS_LENGTH + 1 : end
    for (let index = SECONDS_LENGTH + 1; index < text.length; index++) {
      const digit = from < end && isDigit(bytes[from]) ? (bytes[from++] ?? ZERO) : ZERO
      const difference = digit - (text[index] ?? 0)
      if (difference !== 0) return difference < 0
    }
    return false
  }

  #textFor(minutes: number): Uint8Array {
    const known = this.#texts.get(minutes)
    if (known !== undefined) return known
    const text = Buffer.from(momentText(this.#ns + BigInt(minutes) * NS_PER_MINUTE), 'latin1')
    this.#texts.set(minutes, text)
    return text
  }
}

/** Moments outside the years that a timestamp can name come before and after all of them. */
function momentText(ns: bigint): string {
  if (ns < YEAR_0) return '0000-01-01T00:00:00.000000000'
  if (ns >= YEAR_10000) return ':'
  const fraction = ((ns % NS_PER_MS) + NS_PER_MS) % NS_PER_MS
  const iso = new Date(Number((ns - fraction) / NS_PER_MS)).toISOString()
  return iso.replace('Z', String(fraction).padStart(6, '0'))
}
