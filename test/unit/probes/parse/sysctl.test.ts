// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {lastSysctl, loadsModule} from '../../../../src/probes/parse/sysctl.ts'

const NAME = 'net.ipv4.ip_forward'
const at = (...texts: string[]) => lastSysctl(texts.map((text, index) => ({path: `/s/${index}`, text})), NAME)

describe('the last assignment of sysctl.d', () => {
  test.each([
    ['net.ipv4.ip_forward=1', '1', '/s/0:1'], ['\n  net.ipv4.ip_forward = 0  ', '0', '/s/0:2'], ['net/ipv4/ip_forward=1', '1', '/s/0:1'], ['-net.ipv4.ip_forward = 1', '1', '/s/0:1'],
    ['net.ipv4.* = 1', '1', '/s/0:1'], ['net.ipv4.ip_forward=0\nnet.ipv4.ip_forward=1', '1', '/s/0:2'],
  ])('%j', (text, value, source) => expect(at(text)).toEqual({value, source}))

  test.each(['# net.ipv4.ip_forward=1', ';net.ipv4.ip_forward=1', 'net.ipv4.ip_forward', 'net.ipv6.ip_forward=1', 'net.*=1', 'net.ipv4.ip_forward_x=1', 'net.ipv4.ip_forward='])(
    'none in %j', (text) => expect(at(text)).toBeUndefined())

  test('is that of the later file', () => expect(at('net.ipv4.ip_forward=1', '', 'net.ipv4.ip_forward=0')).toEqual({value: '0', source: '/s/2:1'}))
  test('is one that is written out before one with wildcards', () => expect(at('net.ipv4.ip_forward=1', 'net.ipv4.*=0')).toEqual({value: '1', source: '/s/0:1'}))
  test('is read without harm, whatever a file says', () => {
    fc.assert(fc.property(fc.string(), (text) => void at(text)))
    const started = performance.now()
    at(' '.repeat(200_000), `${'*'.repeat(100_000)}=1`, `a=${' b'.repeat(100_000)}`)
    expect(performance.now() - started).toBeLessThan(300)
  })
})

describe('a module that is loaded at boot', () => {
  const where = (text: string) => loadsModule([{path: '/m', text}], 'br_netfilter')
  test.each([['br_netfilter', '/m:1'], ['# x\nbr-netfilter\n', '/m:2'], ['br_netfilter debug=1', '/m:1']])('is in %j', (text, expected) => expect(where(text)).toBe(expected))
  test.each(['#br_netfilter', ';br_netfilter', 'br_netfilter2', '', 'overlay br_netfilter'])('is not in %j', (text) => expect(where(text)).toBeUndefined())
})
