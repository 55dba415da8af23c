// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {ago, goTime, rfc3339Nano} from '../../../../src/render/cri/time.ts'

const MOMENT = 1_795_245_850_296_597_421n
const before = process.env['TZ']

afterEach(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

describe('in the zone of the machine, as Go writes it', () => {
  test.each([
    ['UTC', '2026-11-21T07:24:10.296597421Z', '2026-11-21 07:24:10.296597421 +0000 UTC'],
    ['Europe/Berlin', '2026-11-21T08:24:10.296597421+01:00', '2026-11-21 08:24:10.296597421 +0100 CET'],
    ['America/New_York', '2026-11-21T02:24:10.296597421-05:00', '2026-11-21 02:24:10.296597421 -0500 EST'],
    ['Asia/Kolkata', '2026-11-21T12:54:10.296597421+05:30', '2026-11-21 12:54:10.296597421 +0530 IST'],
    ['America/Sao_Paulo', '2026-11-21T04:24:10.296597421-03:00', '2026-11-21 04:24:10.296597421 -0300 -03'],
  ])('%s', (zone, rfc, go) => {
    process.env['TZ'] = zone
    expect([rfc3339Nano(MOMENT), goTime(MOMENT)]).toEqual([rfc, go])
  })
})

test('zeros at the end of a second are left out, and times before 1970 and the last of 64 bits are times', () => {
  process.env['TZ'] = 'UTC'
  expect([0n, 1_500_000_000n, -1n, 2n ** 63n - 1n].map(rfc3339Nano)).toEqual([
    '1970-01-01T00:00:00Z', '1970-01-01T00:00:01.5Z', '1969-12-31T23:59:59.999999999Z', '2262-04-11T23:47:16.854775807Z',
  ])
})

test('how long ago something was', () => expect(ago(MOMENT, Number(MOMENT / 1_000_000n) + 250_000)).toBe('4 minutes ago'))
