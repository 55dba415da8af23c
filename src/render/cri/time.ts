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
  const second = 1_000_000_000n
  const fraction = ((nanoseconds % second) + second) % second
  const moment = new Date(Number((nanoseconds - fraction) / 1_000_000n))
  // JavaScript has the sign of POSIX: west is positive. Minus zero would be no zero to print.
  const offset = -moment.getTimezoneOffset() || 0
  const [date = '', time = ''] = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, 19).split('T')
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '')
  return {moment, date, time: digits === '' ? time : `${time}.${digits}`, offset}
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
