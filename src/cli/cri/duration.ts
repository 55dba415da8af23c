// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {UserError} from '../../model/user-error.ts'

const UNIT_MS: Readonly<Record<string, number>> = {ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000}

/**
 * A duration as Go writes it (time.ParseDuration): `1m30s`, `500ms`. A bare number is seconds.
 *
 * @returns milliseconds; undefined where it is no duration
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  return text.matchAll(/([\d.]+)([a-zµ]+)/g).reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit ?? ''] ?? 0), 0)
}

/** A flag that takes a duration and gives milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  async parse(text, _context, {name}) {
    const ms = parseDuration(text)
    if (ms === undefined) throw new UserError(`--${name}: "${text}" is no duration.`, 'Give one such as 10s, 1m30s or 500ms.')
    return ms
  },
})
