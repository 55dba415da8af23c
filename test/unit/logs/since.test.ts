// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseSince} from '../../../src/logs/since.ts'
import {UserError} from '../../../src/model/user-error.ts'

const NOW = {ns: 1_776_729_600_999_999_999n, zoneMinutes: 480}
const seconds = (count: number) => BigInt(count) * 1_000_000_000n

describe('--since', () => {
  test.each([
    ['42m', 42 * 60], ['1h30m', 5400], ['1.5h', 5400], ['.5m', 30], ['1.m', 60], ['90s', 90], ['+1m', 60], ['-1m', -60], ['0s', 0], ['1h2m3s', 3723],
    ['2000ms', 2], ['1000000us', 1], ['1000000µs', 1], ['1000000μs', 1], ['1000000000ns', 1],
  ])('%s is a duration before now, in full seconds', (text, ago) => {
    expect(parseSince(text, NOW)).toBe(seconds(1_776_729_600 - ago))
  })

  test('is rounded down when it reaches back by a part of a second', () => {
    expect(parseSince('1500ms', {ns: seconds(10), zoneMinutes: 0})).toBe(seconds(8))
    expect(parseSince('12s', {ns: seconds(10) + 1n, zoneMinutes: 0})).toBe(seconds(-2))
    expect(parseSince('10500ms', {ns: seconds(10), zoneMinutes: 0})).toBe(seconds(-1))
  })

  test.each([
    ['2013-01-02T13:23:37', 1_357_104_217n * 1_000_000_000n],
    ['2013-01-02T13:23', 1_357_104_180n * 1_000_000_000n],
    ['2013-01-02T13', 1_357_102_800n * 1_000_000_000n],
    ['2013-01-02', 1_357_056_000n * 1_000_000_000n],
    ['2013-01-02T13:23:37.5', 1_357_104_217_500_000_000n],
    ['2013-01-02T13:23:37Z', 1_357_133_017n * 1_000_000_000n],
    ['2013-01-02T13:23:37.000000001Z', 1_357_133_017_000_000_001n],
    ['2013-01-02T13:23:37+08:00', 1_357_104_217n * 1_000_000_000n],
    ['2013-01-02T13:23:37-07:30', (1_357_133_017n + 27_000n) * 1_000_000_000n],
    ['2013-01-02Z', 1_357_084_800n * 1_000_000_000n],
    ['2013-01-02T13Z', 1_357_131_600n * 1_000_000_000n],
    ['0001-01-01T00:00:00Z', -62_135_596_800n * 1_000_000_000n],
  ])('%s is a time, local when it names no zone', (text, ns) => expect(parseSince(text, NOW)).toBe(ns))

  test.each([
    ['0', 0n], ['1136073600', seconds(1_136_073_600)], ['1136073600.000000001', seconds(1_136_073_600) + 1n], ['1136073600.5', 1_136_073_600_500_000_000n],
    ['1.1234567899', 1_123_456_789n],
  ])('%s is in seconds since 1970', (text, ns) => expect(parseSince(text, NOW)).toBe(ns))

  test.each([
    '', ' ', 'invalid', '-5', '5x', 'm', '1h 30m', '2013-13-01', '2013-02-29', '2013-01-02T24:00:00', '2013-01-02T13:60', '2013-01-02T13:23:60',
    '2013-01-02T13.5', '2013-01-02t13:23:37z', '2013-01-02T13:23:37+25:00', '2013-01-02 13:23', '9999999999h', '1.2.3', '1e3', '٣m', '1_000', '99999999999999999999',
  ])('%o is refused, with what can be given', (text) => {
    expect(() => parseSince(text, NOW)).toThrow(UserError)
    expect(() => parseSince(text, NOW)).toThrow(JSON.stringify(text))
  })

  test('reads every time that a Date prints', () => {
    fc.assert(fc.property(fc.date({min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true}), (date) => {
      expect(parseSince(date.toISOString(), NOW)).toBe(BigInt(date.getTime()) * 1_000_000n)
    }))
  })
})
