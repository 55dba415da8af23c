// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {cgroupMode, probeMachine} from '../../../src/probes/machine.ts'
import {hostWith} from './tree.ts'

const MOUNTS = {
  v1: 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\nproc /proc proc rw 0 0\n',
  v2: 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
  hybrid: 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n',
} as const

describe('which machine this is', () => {
  test('is read from the files of the host', async () => {
    const machine = await probeMachine(hostWith({
      '/etc/hostname': 'node-1\n', '/proc/sys/kernel/hostname': 'rtctl-7f9c\n', '/proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
      '/etc/os-release': 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
      '/proc/1/comm': 'systemd\n', '/proc/1/mounts': MOUNTS.v2, '/proc/1/ns/pid': {link: 'pid:[4026531836]'},
    }))
    expect(machine).toMatchObject({
      hostname: {state: 'ok', value: 'node-1', source: '/etc/hostname'},
      os: {state: 'ok', value: 'Debian GNU/Linux 12 (bookworm)'},
      kernel: {state: 'ok', value: '6.1.0-18-amd64'},
      cgroup: {state: 'ok', value: 'v2', source: '/proc/1/mounts'},
      init: {state: 'ok', value: 'systemd'},
      pidNamespace: {state: 'ok', value: 4_026_531_836},
      reader: {state: 'ok', value: {uid: process.getuid?.() ?? -1, pid: process.pid, platform: process.platform}},
    })
  })

  test.for([['4711', 4711], ['not-a-pid', process.pid]] as const)('and rtctl has the pid that the host knows it by: %s', async ([link, pid]) => {
    const {reader} = await probeMachine(hostWith({'/proc/self': {link}}))
    expect(reader).toMatchObject({state: 'ok', value: {pid}})
  })

  test('of a mounted host is not told by the name of the container that rtctl runs in', async () => {
    const only = await probeMachine(hostWith({'/proc/sys/kernel/hostname': 'rtctl-7f9c\n'}))
    expect(only.hostname).toMatchObject({value: 'rtctl-7f9c'})
    const empty = await probeMachine(hostWith({'/etc/hostname': '\n', '/proc/sys/kernel/hostname': 'node-2\n'}))
    expect(empty.hostname).toMatchObject({state: 'ok', value: 'node-2'})
  })

  test.for<[what: string, text: string, name: string | undefined]>([
    ['double quotes', 'PRETTY_NAME="Alpine Linux v3.19"\n', 'Alpine Linux v3.19'],
    ['single quotes', "ID=x\nPRETTY_NAME='CentOS Linux 7 (Core)'\n", 'CentOS Linux 7 (Core)'],
    ['no quotes', 'PRETTY_NAME=Flatcar', 'Flatcar'],
    ['no name', 'ID=debian\n', undefined],
    ['an empty name', 'PRETTY_NAME=""\n', undefined],
  ])('is told by an os-release with %s', async ([, text, name]) => {
    const {os} = await probeMachine(hostWith({'/etc/os-release': text}))
    expect(os).toMatchObject(name === undefined ? {state: 'absent', source: '/usr/lib/os-release'} : {state: 'ok', value: name})
  })

  test('is told by the vendor where the administrator has no os-release', async () => {
    const {os} = await probeMachine(hostWith({'/usr/lib/os-release': 'PRETTY_NAME="Fedora CoreOS"\n'}))
    expect(os).toEqual({state: 'ok', value: 'Fedora CoreOS', source: '/usr/lib/os-release'})
  })

  test('stays unknown where nothing can be read, without an error', async () => {
    const machine = await probeMachine(hostWith({'/proc/1/ns/pid': {link: 'nonsense'}}))
    expect(machine).toMatchObject({
      hostname: {state: 'absent'}, os: {state: 'absent'}, kernel: {state: 'absent'}, cgroup: {state: 'absent', source: '/proc/mounts'}, init: {state: 'absent'},
      pidNamespace: {state: 'unreadable', reason: 'malformed'},
    })
  })
})

describe('the cgroup mode', () => {
  test.for<['v1' | 'v2' | 'hybrid']>([['v1'], ['v2'], ['hybrid']])('is %s', ([mode]) => {
    expect(cgroupMode(MOUNTS[mode])).toBe(mode)
  })

  test.for(['', 'proc /proc proc rw 0 0\n', 'cgroup /sys/fs/cgroup tmpfs rw 0 0\n', 'cgroup2'])('is no mode for %j', (mounts) => {
    expect(() => cgroupMode(mounts)).toThrow(/no cgroup/)
  })

  test('is that of the first process, since /proc/mounts is the reader\'s own', async () => {
    const {cgroup} = await probeMachine(hostWith({'/proc/1/mounts': MOUNTS.hybrid, '/proc/mounts': MOUNTS.v2}))
    expect(cgroup).toMatchObject({value: 'hybrid'})
    const own = await probeMachine(hostWith({'/proc/mounts': MOUNTS.v1}))
    expect(own.cgroup).toMatchObject({value: 'v1', source: '/proc/mounts'})
  })
})
