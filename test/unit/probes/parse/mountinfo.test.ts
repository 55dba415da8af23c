// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {below, mountOf, parseMountinfo, seenAt} from '../../../../src/probes/parse/mountinfo.ts'

const HOST = parseMountinfo('21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n23 21 0:20 / /run rw shared:5 - tmpfs tmpfs rw\n24 23 0:31 / /run/lock rw - tmpfs tmpfs rw\n')
const overlay = '80 1 0:50 / / rw - overlay overlay rw\n'
const seen = (mounts: string) => seenAt(parseMountinfo(overlay + mounts), HOST, '/run/docker.sock')

describe('mountinfo', () => {
  test('is read with optional fields, octal escapes, and rows that are cut off left out', () => {
    expect(parseMountinfo('36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:3 - ext3 /dev/root rw\n36 35 98:0\n\nx - y')).toEqual([
      {device: '98:0', root: '/mnt1', at: '/mnt 2', type: 'ext3'},
    ])
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseMountinfo(text))))
  })

  test('tells the mount a path lies in: the deepest, of two at one place the later', () => {
    expect(mountOf(HOST, '/run/docker.sock')?.device).toBe('0:20')
    expect(mountOf(HOST, '/run/lock/x')?.device).toBe('0:31')
    expect(mountOf(HOST, '/running')?.device).toBe('8:1')
    expect(mountOf([...HOST, ...parseMountinfo('90 21 0:99 / /run rw - tmpfs tmpfs rw')], '/run/docker.sock')?.device).toBe('0:99')
  })

  test('knows what is below a folder', () => {
    expect([below('/', '/run'), below('/run', '/run/x/y'), below('/run', '/run'), below('/run', '/runx')]).toEqual(['/run', '/x/y', '', undefined])
  })
})

describe('a file of the host is seen', () => {
  test.each([
    ['as it was mounted by itself', '90 80 0:20 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw', ['/var/run/docker.sock']],
    ['below a mounted folder', '90 80 0:20 / /host/run rw - tmpfs tmpfs rw', ['/host/run/docker.sock']],
    ['at every place it is mounted', '90 80 0:20 / /a rw - tmpfs tmpfs rw\n91 80 0:20 /docker.sock /b.sock rw - tmpfs tmpfs rw', ['/a/docker.sock', '/b.sock']],
    ['nowhere where only other folders of its file system are mounted', '90 80 0:20 /netns /run/netns rw - tmpfs tmpfs rw', []],
    ['nowhere where another mount covers it', '90 80 0:20 / /host/run rw - tmpfs tmpfs rw\n91 90 0:60 / /host/run rw - tmpfs tmpfs rw', []],
    ['nowhere where the container has another /run', '90 80 0:61 / /run rw - tmpfs tmpfs rw', []],
  ])('%s', (_, mounts, places) => expect(seen(mounts)).toEqual(places))

  test('in a root file system that has no /run of its own', () => {
    const host = parseMountinfo('21 1 8:1 / / rw - ext4 /dev/sda1 rw\n')
    expect(seenAt(parseMountinfo('90 80 8:1 /run /host rw - ext4 /dev/sda1 rw'), host, '/run/docker.sock')).toEqual(['/host/docker.sock'])
  })
})
