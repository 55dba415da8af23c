// SPDX-License-Identifier: Apache-2.0
import {humanDuration} from './human.ts'

/** Go's time before any: what crictl shows for something that has not happened. */
export const NEVER = '0001-01-01T00:00:00Z'

/**
 * How long ago it was, as crictl writes it: `4 minutes ago`.
 *
 * @param nanoseconds of Unix time
 * @param now in milliseconds
 */
export function ago(nanoseconds: bigint, now: number): string {
  return `${humanDuration(now - Number(nanoseconds / 1000n) / 1000)} ago`
}

/**
 * A moment in the zone of this machine as Go's RFC3339Nano: `2026-11-21T07:24:10.296597421Z`.
 *
 * @param nanoseconds of Unix time
 */
export function rfc3339Nano(nanoseconds: bigint): string {
  const {date, time, offset} = localParts(nanoseconds)
  return `${date}T${time}${offset === 0 ? 'Z' : offsetText(offset, ':')}`
}

/**
 * A moment in the zone of this machine as Go prints a time: `2026-11-21 07:24:10.296597421 +0000 UTC`.
 *
 * @param nanoseconds of Unix time
 */
export function goTime(nanoseconds: bigint): string {
  const {date, time, offset, moment} = localParts(nanoseconds)
  return `${date} ${time} ${offsetText(offset, '')} ${zoneName(moment, offset)}`
}

interface LocalParts {
  readonly moment: Date
  readonly date: string
  /** with as much of a second as is not zero */
  readonly time: string
  /** minutes east of Greenwich */
  readonly offset: number
}

function localParts(nanoseconds: bigint): LocalParts {
  const [seconds, fraction] = secondsOf(nanoseconds)
  const moment = new Date(seconds * 1000)
  // JavaScript has the sign of POSIX: west is positive. Minus zero would be no zero to print.
  const offset = -moment.getTimezoneOffset() || 0
  const local = new Date(moment.getTime() + offset * 60_000).toISOString()
  const [date, time] = [local.slice(0, 10), local.slice(11, 19)]
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '')
  return {moment, date, time: digits === '' ? time : `${time}.${digits}`, offset}
}

/** Whole seconds, and the nanoseconds after them. */
function secondsOf(nanoseconds: bigint): readonly [number, number] {
  const [seconds, rest] = [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)]
  return rest < 0 ? [seconds - 1, rest + 1_000_000_000] : [seconds, rest]
}

function offsetText(minutes: number, separator: string): string {
  const absolute = Math.abs(minutes)
  const pair = (number: number) => String(number).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${pair(Math.trunc(absolute / 60))}${separator}${pair(absolute % 60)}`
}

/** The zone's short name: no language knows those of all countries, and where there is none Go writes the offset. */
function zoneName(moment: Date, offset: number): string {
  const names = ['en-US', 'en-GB', 'en-AU', 'en-ZA', 'en-IN'].map((language) => (
    new Intl.DateTimeFormat(language, {timeZoneName: 'short'}).formatToParts(moment).find(({type}) => type === 'timeZoneName')?.value ?? ''
  ))
  return names.find((name) => /^[A-Z]{2,5}$/.test(name)) ?? offsetText(offset, '').replace(/00$/, '')
}
