// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseSs} from '../../../../src/probes/parse/ss.ts'

const HEAD = 'Netid State  Recv-Q Send-Q                 Local Address:Port   Peer Address:Port Process\n'

describe('what `ss -xae` prints', () => {
  test.for<[what: string, line: string, row: object]>([
    [
      'an accepted connection', 'u_str ESTAB 0 0 /run/docker.sock 46466 * 46465 <-> ino:110 dev:0/43',
      {state: 'connected', path: '/run/docker.sock', inode: 46_466, peerInode: 46_465, file: {device: '0:43', inode: 110}},
    ],
    [
      'a listener', 'u_str LISTEN 0 4096 /var/run/1954353959 46317 * 0 <-> ino:203 dev:0/43 peers:',
      {state: 'listening', path: '/var/run/1954353959', inode: 46_317, peerInode: 0, file: {device: '0:43', inode: 203}},
    ],
    [
      'padded columns', 'u_str ESTAB  0      0                        /run/docker.sock 46466            * 46465 <-> ino:110 dev:0/43   ',
      {state: 'connected', path: '/run/docker.sock', inode: 46_466, peerInode: 46_465, file: {device: '0:43', inode: 110}},
    ],
    ['an abstract name', 'u_str ESTAB 0 0 @/tmp/.X11-unix/X0 5 * 6', {state: 'connected', path: '@/tmp/.X11-unix/X0', inode: 5, peerInode: 6}],
    ['a name with a blank', 'u_seq LISTEN 0 5 /run/a b 5 * 0 <-> ino:9 dev:0/65025', {state: 'listening', path: '/run/a b', inode: 5, peerInode: 0, file: {device: '254:1', inode: 9}}],
    [
      'a name that looks like the columns behind it', 'u_str LISTEN 0 5 @/run/docker.sock 46466 * 46465 7 * 0 <-> ino:1 dev:0/5',
      {state: 'listening', path: '@/run/docker.sock 46466 * 46465', inode: 7, peerInode: 0, file: {device: '0:5', inode: 1}},
    ],
    [
      'a name that looks like the file behind it', 'u_str LISTEN 0 5 @ino:110 dev:0/43 7 * 0 <->',
      {state: 'listening', path: '@ino:110 dev:0/43', inode: 7, peerInode: 0},
    ],
  ])('has %s', ([, line, row]) => {
    expect(parseSs(`${HEAD}${line}\n`)).toEqual([row])
  })

  test.for<[what: string, line: string]>([
    ['a connecting end, which has no name', 'u_str ESTAB 0 0 * 46465 * 46466 <->'],
    ['a datagram socket', 'u_dgr UNCONN 0 0 /run/systemd/notify 5 * 0'],
    ['a TCP socket', 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*'],
    ['a row cut short in the inode', 'u_str ESTAB 0 0 /run/docker.sock 464'],
    ['a row cut short before the peer', 'u_str ESTAB 0 0 /run/docker.sock 46466 *'],
    ['letters for an inode', 'u_str ESTAB 0 0 /run/docker.sock 0x1 * 5'],
  ])('leaves out %s', ([, line]) => {
    expect(parseSs(`${HEAD}${line}\n`)).toEqual([])
  })

  test('gives back what was printed, whatever the name', () => {
    const word = fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 30}).map((text) => `/${text.replaceAll(/\s/g, '_')}`)
    const name = fc.array(fc.oneof(word, fc.constantFrom('*', '1 * 2', '<->', 'ino:1 dev:2/3', 'peers:')), {minLength: 1, maxLength: 5}).map((words) => `/${words.join(' ')}`)
    const row = fc.record({listening: fc.boolean(), path: name, inode: fc.nat(), peer: fc.nat(), file: fc.option(fc.nat())})
    fc.assert(fc.property(fc.array(row), (rows) => {
      const text = rows.map(({listening, path, inode, peer, file}) =>
        `u_str ${listening ? 'LISTEN' : 'ESTAB'} 0 0 ${path} ${inode} * ${listening ? 0 : peer} <->${file === null ? '' : ` ino:${file} dev:0/43`}\n`)
      expect(parseSs(text.join(''))).toEqual(rows.map(({listening, path, inode, peer, file}) => ({
        state: listening ? 'listening' : 'connected', path, inode, peerInode: listening ? 0 : peer,
        ...(file === null ? {} : {file: {device: '0:43', inode: file}}),
      })))
    }))
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => Array.isArray(parseSs(`u_str ESTAB 0 0 ${text}`))))
  })

  test('takes no longer than the text is long, for a row of nothing but blanks', () => {
    const started = performance.now()
    expect(parseSs(`u_str ESTAB 0 0 /run/x${' 1'.repeat(100_000)}${' '.repeat(500_000)}x`)).toEqual([])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
