// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {valueOf} from '../../../src/model/observed.ts'
import {probeProcessDetail, probeProcesses, probeSocketInodes} from '../../../src/probes/processes.ts'
import {procFiles, withoutAccess} from './proc-tree.ts'
import {hostWith, processOf} from './tree.ts'

const INIT = procFiles(processOf(1, '/sbin/init', 0))

describe('every process', () => {
  test('is listed by pid, with the arguments it says it has', async () => {
    const {all, hidden} = await probeProcesses(hostWith({
      ...procFiles({...processOf(640, '/usr/bin/dockerd -H fd://'), startTicks: 77}), ...procFiles(processOf(9, 'sh -c x', 1)), ...INIT,
      '/proc/version': 'Linux', '/proc/0/stat': 'no pid', '/proc/12x/stat': 'no pid either', '/proc/self': {link: '640'},
    }))
    expect(valueOf(all)).toEqual([
      {pid: 1, ppid: 0, startTicks: 1, comm: 'init', argv: ['/sbin/init']},
      {pid: 9, ppid: 1, startTicks: 1, comm: 'sh', argv: ['sh', '-c', 'x']},
      {pid: 640, ppid: 1, startTicks: 77, comm: 'dockerd', argv: ['/usr/bin/dockerd', '-H', 'fd://']},
    ])
    expect(hidden).toBeUndefined()
  })

  test('but threads of the kernel', async () => {
    const {all} = await probeProcesses(hostWith({...INIT, ...procFiles(processOf(2, 'kthreadd', 0), {flags: 0x20_8040})}))
    expect(valueOf(all)?.map(({pid}) => pid)).toEqual([1])
  })

  test('but those that ended while they were read, and what is no process', async () => {
    const {all, hidden} = await probeProcesses(hostWith({
      ...INIT, '/proc/20': {directory: true}, '/proc/21/stat': '', '/proc/22/stat': '22 (x) S 1 1', '/proc/23/cmdline': 'gone\0',
    }))
    expect(valueOf(all)?.map(({pid}) => pid)).toEqual([1])
    expect(hidden).toBeUndefined()
  })

  test('but zombies: a dockerd that was killed does not run, though its parent has not asked for its exit status', async () => {
    const ended = (pid: number, state: string) => procFiles({...processOf(pid, ''), comm: 'dockerd', argv: []}, {state})
    const {all, hidden} = await probeProcesses(hostWith({...INIT, ...ended(640, 'Z'), ...ended(641, 'X'), ...procFiles(processOf(642, 'dockerd'), {state: 'T'})}))
    expect(valueOf(all)?.map(({pid}) => pid)).toEqual([1, 642])
    expect(hidden).toBeUndefined()
  })

  test('has no arguments where they are gone or refused', async () => {
    const tree = hostWith({...INIT, ...procFiles({...processOf(30, 'x'), comm: 'defunct', argv: []}), ...procFiles(processOf(31, 'secret --token=x'))})
    const {all, hidden} = await withoutAccess(tree, {'proc/31/cmdline': 0}, () => probeProcesses(tree))
    expect(valueOf(all)?.slice(1)).toMatchObject([{pid: 30, comm: 'defunct', argv: []}, {pid: 31, comm: 'secret', argv: []}])
    expect(hidden).toBeUndefined()
  })

  test('may be hidden from the reader (hidepid=1), which is said', async () => {
    const tree = hostWith({...INIT, ...procFiles(processOf(640, 'dockerd')), ...procFiles(processOf(700, 'bash'))})
    const {all, hidden} = await withoutAccess(tree, {'proc/1': 0o444, 'proc/640': 0o444}, () => probeProcesses(tree))
    expect(valueOf(all)?.map(({pid}) => pid)).toEqual([700])
    expect(hidden).toEqual({state: 'unreadable', source: '/proc', reason: 'EACCES', detail: '2 may not be read (hidepid)'})
  })

  test('may be left out of the list (hidepid=2), which pid 1 tells', async () => {
    const {hidden} = await probeProcesses(hostWith(procFiles(processOf(700, 'bash'))))
    expect(hidden).toMatchObject({state: 'unreadable', reason: 'EACCES', detail: 'pid 1 is not listed (hidepid)'})
  })

  test('cannot be known without procfs on Linux, which is not the same as no processes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'rtctl-probe-'))
    onTestFinished(() => rmSync(root, {recursive: true, force: true}))
    const bare = openLiveHost({root, askTimeoutMs: 1000})
    expect((await probeProcesses(bare)).all).toMatchObject({state: 'unreadable', reason: 'unsupported'})
    mkdirSync(join(root, 'proc'))
    expect((await probeProcesses(bare)).all).toMatchObject({state: 'unreadable', reason: 'unsupported'})
  })

  test('cannot be known where procfs refuses to be listed', async () => {
    const tree = hostWith(INIT)
    const {all} = await withoutAccess(tree, {proc: 0}, () => probeProcesses(tree))
    expect(all).toEqual({state: 'unreadable', source: '/proc', reason: 'EACCES'})
  })
})

describe('the details of a process', () => {
  const LIMITS = 'Max core file size        unlimited            unlimited            bytes     \nMax open files            1048576              1048576              files     \n'
  const LINKS = {
    exe: {link: '/usr/bin/dockerd'}, cwd: {link: '/'}, 'ns/pid': {link: 'pid:[1]'}, 'ns/net': {link: 'net:[2]'}, 'ns/mnt': {link: 'mnt:[3]'}, limits: LIMITS,
    'fd/0': {link: '/dev/null'}, 'fd/7': {link: 'socket:[46466]'}, 'fd/8': {link: 'socket:[99]'}, 'fd/9': {link: 'anon_inode:[eventpoll]'},
  }
  const tree = () => hostWith(procFiles(processOf(640, 'dockerd'), {uid: 5, cgroup: '0::/system.slice/docker.service\n', nsPids: [640, 7], files: LINKS}))

  test('of a daemon are all of them', () => {
    expect(probeProcessDetail(tree(), 640, 'daemon')).toMatchObject({
      uid: {value: 5}, exe: {value: '/usr/bin/dockerd'}, cwd: {value: '/'}, nsPids: {value: [640, 7]},
      cgroups: {value: [{hierarchy: 0, controllers: [], path: '/system.slice/docker.service'}]},
      namespaces: {value: {pid: 1, net: 2, mnt: 3}}, limits: {value: {openFiles: 1_048_576, coreSize: null}}, socketInodes: {value: [99, 46_466]},
    })
  })

  test('of a shim and of a container are those that place them', () => {
    expect(Object.keys(probeProcessDetail(tree(), 640, 'shim')).sort()).toEqual(['cgroups', 'cwd', 'nsPids', 'uid'])
    expect(Object.keys(probeProcessDetail(tree(), 640, 'container')).sort()).toEqual(['cgroups', 'namespaces', 'nsPids', 'uid'])
  })

  test('of a process that ended are absent, every one', () => {
    const detail = probeProcessDetail(hostWith({}), 4711, 'daemon')
    expect(Object.values(detail).map(({state}) => state)).toEqual(Object.keys(detail).map(() => 'absent'))
  })

  test('that the system refuses say so', () => {
    const host = tree()
    const detail = withoutAccess(host, {'proc/640/ns': 0, 'proc/640/fd': 0, 'proc/640/limits': 0}, () => probeProcessDetail(host, 640, 'daemon'))
    expect(detail.namespaces).toEqual({state: 'unreadable', source: '/proc/640/ns/pid', reason: 'EACCES'})
    expect(detail.socketInodes).toEqual({state: 'unreadable', source: '/proc/640/fd', reason: 'EACCES'})
    expect(detail.limits).toMatchObject({state: 'unreadable', reason: 'EACCES'})
    expect(detail.uid).toMatchObject({value: 5})
  })

  test('that are cut short are malformed, not wrong', () => {
    const detail = probeProcessDetail(hostWith({'/proc/5/status': 'Name:\tx\n', '/proc/5/limits': 'Limit', '/proc/5/ns/pid': {link: 'pid:['}, '/proc/5/cgroup': ''}), 5, 'daemon')
    expect(detail).toMatchObject({uid: {reason: 'malformed'}, nsPids: {reason: 'malformed'}, limits: {reason: 'malformed'}, namespaces: {reason: 'malformed'}, cgroups: {value: []}})
  })
})

describe('the sockets of a process', () => {
  test('are those of all its descriptors, one that was closed meanwhile left out', () => {
    const host = hostWith({'/proc/5/fd/3': {link: 'socket:[30]'}, '/proc/5/fd/10': {link: 'socket:[4]'}, '/proc/5/fd/11': 'closed and gone'})
    expect(probeSocketInodes(host, 5)).toEqual({state: 'ok', value: [4, 30], source: '/proc/5/fd'})
  })

  test('are not known as soon as one descriptor may not be looked at', () => {
    const host = hostWith({'/proc/5/fd/3': {link: 'socket:[30]'}})
    expect(withoutAccess(host, {'proc/5/fd': 0o444}, () => probeSocketInodes(host, 5))).toMatchObject({state: 'unreadable', reason: 'EACCES'})
  })

  test('never hold a number that is none', () => {
    const host = hostWith({'/proc/5/fd/3': {link: 'socket:[]'}, '/proc/5/fd/4': {link: 'socket:[x]'}})
    expect(valueOf(probeSocketInodes(host, 5))).toEqual([])
  })
})
