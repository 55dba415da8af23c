// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'

/** The moment that relative times are counted from. */
export interface Now {
  /** nanoseconds since 1970 */
  readonly ns: bigint
  /** the local zone, in minutes east of UTC: times without a zone are local */
  readonly zoneMinutes: number
}

const NS = {second: 1_000_000_000n, minute: 60_000_000_000n} as const
/** Units of Go's time.ParseDuration, in nanoseconds; micro is written with three different letters. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1000n, 'µs': 1000n, 'μs': 1000n, ms: 1_000_000n, s: NS.second, m: NS.minute, h: 60n * NS.minute,
}
const UNIT = String.raw`(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)`
const DURATION = new RegExp(`^([-+]?)((?:${UNIT})+)$`)
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?(Z|[-+]\d\d:\d\d)?$/
const UNIX = /^(\d{1,18})(?:\.(\d+))?$/
/** Go's time.Duration has 63 bits. */
const LONGEST_DURATION = 2n ** 63n - 1n

/**
 * Reads a `--since` as crictl does (pkg/timetype/timestamp.go): a duration before now in Go's notation (`42m`, `1h30m`),
 * a date or time of RFC 3339 with or without seconds, fraction and zone (`2013-01-02T13:23:37`), or seconds since 1970
 * with or without a fraction. A duration counts from the full second, as there.
 *
 * @returns nanoseconds since 1970
 * @throws UserError when it is none of these
 */
export function parseSince(text: string, now: Now): bigint {
  const ns = beforeNow(text, now) ?? dateTime(text, now.zoneMinutes) ?? unixTime(text)
  if (ns !== undefined) return ns
  throw new UserError(
    `--since takes a duration or a time, not ${JSON.stringify(text)}.`,
    'Give for example 42m, 1h30m, 2013-01-02T13:23:37, 2013-01-02T13:23:37Z, 2013-01-02, or seconds since 1970.',
  )
}

function beforeNow(text: string, now: Now): bigint | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  let duration = 0n
  for (const [, count = '', unit = ''] of text.matchAll(new RegExp(UNIT, 'g'))) duration += inUnit(count, UNITS[unit] ?? 0n)
  if (duration > LONGEST_DURATION) return undefined
  const ns = match[1] === '-' ? now.ns + duration : now.ns - duration
  return ns - (((ns % NS.second) + NS.second) % NS.second)
}

function inUnit(count: string, unit: bigint): bigint {
  const [whole = '', fraction = ''] = count.split('.')
  const part = fraction === '' ? 0n : (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
  return BigInt(whole) * unit + part
}

function dateTime(text: string, localMinutes: number): bigint | undefined {
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const zone = match[8] === undefined ? localMinutes : offsetMinutes(match[8])
  if (zone === undefined || hour > 23 || minute > 59 || second > 59 || !isDate(year, month, day)) return undefined
  const ms = new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute - zone) * 60 + second) * 1000
  return BigInt(ms) * 1_000_000n + fractionNs(match[7])
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hours > 24 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function unixTime(text: string): bigint | undefined {
  const match = UNIX.exec(text)
  return match === null ? undefined : BigInt(match[1] ?? 0) * NS.second + fractionNs(match[2])
}

/** Digits beyond the ninth are dropped. */
function fractionNs(digits = ''): bigint {
  return BigInt(digits.slice(0, 9).padEnd(9, '0'))
}
