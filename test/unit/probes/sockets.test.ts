// SPDX-License-Identifier: Apache-2.0
import {mkdirSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {dirname, join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import type {Process, SocketFacts} from '../../../src/model/facts.ts'
import {replaySnapshot} from '../../../src/host/snapshot-host.ts'
import {recordHost} from '../../../src/host/recording-host.ts'
import type {Host} from '../../../src/model/host.ts'
import {ok, valueOf} from '../../../src/model/observed.ts'
import {probeProcessDetail, probeSocketInodes} from '../../../src/probes/processes.ts'
import {askSs, probeSockets} from '../../../src/probes/sockets.ts'
import {procFiles, withoutAccess} from './proc-tree.ts'
import {type Entry, hostWith, processOf} from './tree.ts'

const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n'
const row = (inode: number, path: string, listening = true) =>
  `00000000ff0f8588: 00000002 00000000 ${listening ? '00010000' : '00000000'} 0001 ${listening ? '01' : '03'} ${inode}${path && ` ${path}`}\n`

function links(pid: number, net: number, sockets: readonly number[]): Record<string, Entry> {
  const namespaces = {'ns/pid': {link: 'pid:[1]'}, 'ns/net': {link: `net:[${net}]`}, 'ns/mnt': {link: `mnt:[${pid}]`}}
  return {...namespaces, ...Object.fromEntries(sockets.map((inode, index) => [`fd/${index + 3}`, {link: `socket:[${inode}]`}]))}
}

/** dockerd (640) and a client (800) beside systemd, which holds docker.sock too; a daemon (900) in a network namespace of its own. */
const DOCKERD = processOf(640, 'dockerd')
const CLIENT = processOf(800, 'watcher')
const OTHER = processOf(900, 'containerd')
const FILES: Readonly<Record<string, Entry>> = {
  ...procFiles(processOf(1, 'systemd', 0), {files: {...links(1, 7, [50]), 'net/unix': HEAD + row(50, '/run/docker.sock') + row(60, '/run/docker.sock', false)}}),
  ...procFiles(DOCKERD, {files: links(640, 7, [50, 60])}),
  ...procFiles(CLIENT, {files: links(800, 7, [61])}),
  ...procFiles(OTHER, {files: {...links(900, 8, [70]), 'net/unix': HEAD + row(70, '/run/containerd/containerd.sock')}}),
}

function facts(host: Host, processes: readonly Process[] = [DOCKERD, OTHER], configured: readonly string[] = []): Promise<SocketFacts> {
  const details = new Map(processes.filter(({pid}) => pid !== CLIENT.pid).map(({pid}) => [pid, probeProcessDetail(host, pid, 'daemon')]))
  return probeSockets(host, {processes, details, configured, inside: {}, reader: undefined}, askSs(host))
}

/** The facts of a recorded host, where `ss` printed this while it was recorded. */
async function factsWith(host: Host, ss: string, processes?: readonly Process[]): Promise<SocketFacts> {
  const {host: recorder, records} = recordHost(host)
  await facts(recorder, processes)
  for (const {pid} of processes ?? []) probeSocketInodes(recorder, pid)
  records.set('ask', 'command ss -xae', ok(ss, 'command ss -xae'))
  return facts(replaySnapshot('node.jsonl', records), processes)
}

async function listenAt(host: {readonly directory: string}, path: string): Promise<Server> {
  const local = join(host.directory, path)
  mkdirSync(dirname(local), {recursive: true})
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(local, resolve))
  onTestFinished(() => void server.close())
  return server
}

/** `ss` splits the kernel's own device number, major << 20 | minor, as if it were one of user space. */
function asSsPrints(device: string): string {
  const [major = 0, minor = 0] = device.split(':').map(Number)
  const kernel = (major << 20) | minor
  return `${(kernel >> 8) & 0xfff}/${(kernel & 0xff) | ((kernel >> 12) & ~0xff)}`
}

describe('the socket tables', () => {
  test('are read once for each network namespace that a component lives in', async () => {
    const {tables} = await facts(hostWith(FILES))
    expect(tables.map(({pid, members}) => ({pid, members}))).toEqual([{pid: 1, members: [1, 640]}, {pid: 900, members: [900]}])
    expect(valueOf(tables[0]?.sockets)).toEqual([{inode: 50, state: 'listening', path: '/run/docker.sock'}, {inode: 60, state: 'connected', path: '/run/docker.sock'}])
    expect(valueOf(tables[1]?.sockets)).toEqual([{inode: 70, state: 'listening', path: '/run/containerd/containerd.sock'}])
  })

  test('are the reader\'s own where that of pid 1 is not there', async () => {
    const {tables} = await facts(hostWith({...procFiles(DOCKERD), '/proc/net/unix': HEAD + row(5, '/run/x.sock')}), [DOCKERD])
    expect(tables).toEqual([{pid: 1, members: [1, 640], sockets: ok([{inode: 5, state: 'listening', path: '/run/x.sock'}], '/proc/net/unix')}])
  })

  test('of a namespace whose process ended are absent, not empty', async () => {
    const {tables} = await facts(hostWith({...FILES, '/proc/900/net/unix': {directory: true}}))
    expect(tables[1]?.sockets).toMatchObject({state: 'unreadable'})
    const {tables: gone} = await facts(hostWith({...FILES, ...procFiles(OTHER, {files: links(900, 8, [])}), '/proc/900/net/unix': {link: '/nowhere'}}))
    expect(gone[1]?.sockets).toMatchObject({state: 'absent'})
  })
})

describe('the connected pairs', () => {
  test('of a host mounted elsewhere are not those of this machine', async () => {
    const {peers} = await facts(hostWith({...procFiles(DOCKERD)}), [DOCKERD])
    expect(peers).toMatchObject({state: 'unreadable', reason: 'unsupported'})
  })

  test('are not asked for from another network namespace', async () => {
    const {peers} = await facts(hostWith({...FILES, '/proc/self/ns/net': {link: 'net:[9]'}}))
    expect(peers).toMatchObject({state: 'unreadable', reason: 'unsupported', detail: expect.stringContaining('network namespace of its own')})
  })

  describe('where it is refused to see the namespaces', () => {
    const REFUSED: Readonly<Record<string, Entry>> = {
      ...FILES, ...procFiles(processOf(1, 'systemd', 0), {files: {'net/unix': HEAD}}), '/proc/1/ns/net': {directory: true},
    }

    test('are not asked for if procfs has two tables', async () => {
      const {peers} = await facts(hostWith({...REFUSED, '/proc/self/net/unix': HEAD}))
      expect(peers).toMatchObject({state: 'unreadable', reason: 'unsupported', detail: expect.stringContaining('network namespace of its own')})
    })

    test('are asked for if procfs has one table', async () => {
      const {peers} = await facts(hostWith({...REFUSED, '/proc/self': {link: '1'}}))
      expect(peers).not.toMatchObject({detail: expect.stringContaining('namespace')})
    })
  })
})

describe('what `ss` printed', () => {
  const SS = [
    'u_str LISTEN 0 4096 /run/docker.sock 50 * 0 <-> ino:203 dev:0/43 peers:',
    'u_str ESTAB 0 0 /run/docker.sock 60 * 61 <-> ino:203 dev:0/43',
    'u_str ESTAB 0 0 /run/dbus/system_bus_socket 90 * 91 <-> ino:9 dev:0/43',
  ].join('\n')

  test('tells the pairs, and who else holds an end of an API socket', async () => {
    const {peers, owners} = await factsWith(hostWith(FILES), SS, [DOCKERD, CLIENT, OTHER])
    expect(valueOf(peers)).toEqual([
      {inode: 60, peerInode: 61, path: '/run/docker.sock'}, {inode: 90, peerInode: 91, path: '/run/dbus/system_bus_socket'},
    ])
    expect(owners[61]).toEqual([800])
  })

  test('does not make rtctl look through all processes for other sockets', async () => {
    const host = hostWith({...FILES, ...procFiles(CLIENT, {files: links(800, 7, [91])})})
    const {owners} = await factsWith(host, SS, [DOCKERD, CLIENT, OTHER])
    expect(owners[91]).toBeUndefined()
  })

  test('tells the listener of a file by device and inode, also where it was renamed', async () => {
    const host = hostWith(FILES)
    await listenAt(host, 'run/docker.sock')
    const file = valueOf((await facts(host)).files['/run/docker.sock'])
    const renamed = (inode: number) => `u_str LISTEN 0 4096 /var/run/1954353959 46317 * 0 <-> ino:${inode} dev:${asSsPrints(file?.device ?? '')} peers:`
    const {files} = await factsWith(host, renamed(file?.inode ?? 0))
    expect(files['/run/docker.sock']).toMatchObject({value: {type: 'socket', listener: 46_317}})
    const other = await factsWith(host, renamed(1))
    expect(valueOf(other.files['/run/docker.sock'])).not.toHaveProperty('listener')
  })

  test('that is not understood gives no pairs and no error', async () => {
    const {peers} = await factsWith(hostWith(FILES), 'Netid State\n\0\x1b[2J u_str ESTAB')
    expect(peers).toMatchObject({state: 'ok', value: []})
  })
})

describe('who holds a socket', () => {
  test('is told for components and for init', async () => {
    const {owners} = await facts(hostWith(FILES))
    expect(owners).toEqual({50: [640, 1], 60: [640], 70: [900]})
  })

  test('is not known where the descriptors are refused, without an error', async () => {
    const host = hostWith(FILES)
    const refused = await withoutAccess(host, {'proc/640/fd': 0}, () => facts(host))
    expect(refused.owners).toEqual({50: [1], 70: [900]})
    expect(valueOf(refused.tables[0]?.sockets)).toHaveLength(2)
  })
})

describe('the files behind socket names', () => {
  test('are looked at for the well-known names and the configured ones', async () => {
    const host = hostWith({...FILES, '/run/crio/crio.sock': {directory: true}, '/run/mine.sock': 'a plain file'})
    await listenAt(host, 'run/docker.sock')
    const {files} = await facts(host, [DOCKERD], ['/run/mine.sock', '/run/none.sock'])
    expect(files['/run/docker.sock']).toMatchObject({state: 'ok', value: {type: 'socket'}})
    expect(files['/run/crio/crio.sock']).toMatchObject({state: 'ok', value: {type: 'directory'}})
    expect(files['/run/mine.sock']).toMatchObject({state: 'ok', value: {type: 'file'}})
    expect(files['/run/none.sock']).toEqual({state: 'absent', source: '/run/none.sock'})
    expect(files['/run/dockershim.sock']).toMatchObject({state: 'absent'})
  })
})
