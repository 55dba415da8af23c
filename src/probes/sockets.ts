// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../host/command.ts'
import type {Process, ProcessDetail, SocketFacts, SocketFile, SocketPair, SocketTable} from '../model/facts.ts'
import {CannotAsk, type Host} from '../model/host.ts'
import {mapObserved, type Observed, unreadable, valueOf} from '../model/observed.ts'
import {parseNetUnix} from './parse/proc.ts'
import {parseSs, type SsRow} from './parse/ss.ts'
import {probeSocketInodes} from './processes.ts'
import {takingTurns} from './turn.ts'

/** The API sockets that runtimes are known to listen on; what else is configured comes on top. */
export const WELL_KNOWN_SOCKETS: readonly string[] = [
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/run/docker/containerd/containerd.sock',
  '/run/dockershim.sock',
  '/run/cri-dockerd.sock',
  '/run/crio/crio.sock',
  '/run/podman/podman.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  '/run/cri-containerd.sock',
  '/run/frakti.sock',
]

export interface SocketQuestion {
  readonly processes: readonly Process[]
  /** of every component */
  readonly details: ReadonlyMap<number, ProcessDetail>
  /** first process of the nested machine that a component runs in, by pid */
  readonly inside: Readonly<Record<number, number>>
  /** pid of rtctl itself, whose sockets are not part of the picture */
  readonly reader: number | undefined
  /** socket paths that someone is configured to use */
  readonly configured: readonly string[]
}

/**
 * Who listens on the runtimes' sockets, and who is connected to them now.
 *
 * @param asked what `askSs` gives: it takes as long as reading the processes, and is asked while they are read
 */
export async function probeSockets(host: Host, question: SocketQuestion, asked: Promise<Observed<string>>): Promise<SocketFacts> {
  const tables = await socketTables(host, question)
  const rows = mapObserved(await asked, parseSs)
  const files: Record<string, Observed<SocketFile>> = {}
  for (const path of new Set([...WELL_KNOWN_SOCKETS, ...question.configured])) {
    files[path] = socketFile(host, path, valueOf(rows) ?? [])
  }
  const peers = mapObserved(rows, (all) =>
    all.filter((row) => row.state === 'connected').map(({inode, peerInode, path}) => ({inode, peerInode, path})),
  )
  return {tables, peers, files, owners: findOwners(host, question, apiPeers(files, valueOf(rows) ?? [], tables), valueOf(peers) ?? [])}
}

/** `/proc/net/unix` shows only the network namespace of its reader: read it once for each that a component lives in. */
async function socketTables(host: Host, {details, inside}: SocketQuestion): Promise<readonly SocketTable[]> {
  const groups = new Map<number | string, number[]>()
  const join = (key: number | string, pid: number) => {
    const members = groups.get(key)
    if (members) members.push(pid)
    else groups.set(key, [pid])
  }
  // Only root may see which namespace a process is in. What is not known is taken to be that of its machine.
  const machines = new Map([...new Set(Object.values(inside))].map((first) => [first, namespaceOf(host, first) ?? `machine ${first}`]))
  const base = namespaceOf(host, 1) ?? 'host'
  join(base, 1)
  for (const [pid, detail] of details) {
    const first = inside[pid]
    join(valueOf(detail.namespaces)?.net ?? (first === undefined ? base : (machines.get(first) ?? base)), pid)
  }
  const turn = takingTurns()
  const tables: SocketTable[] = []
  for (const members of groups.values()) {
    const [pid = 1] = members
    const own = host.text(`/proc/${pid}/net/unix`)
    tables.push({pid, members, sockets: mapObserved(own.state === 'ok' || pid !== 1 ? own : host.text('/proc/net/unix'), parseNetUnix)})
    await turn()
  }
  return tables
}

function namespaceOf(host: Host, pid: number | 'self'): number | undefined {
  const target = valueOf(host.target(`/proc/${pid}/ns/net`))
  return target === undefined ? undefined : Number(/\[(\d+)\]/.exec(target)?.[1])
}

/**
 * Connected pairs, which `/proc/net/unix` does not tell, come from the kernel's sock_diag through `ss`. It answers for
 * the network namespace that rtctl itself runs in, so it is asked only where that is the host's. Of a host that is
 * mounted elsewhere this must be seen: its procfs may be another machine's.
 */
export async function askSs(host: Host): Promise<Observed<string>> {
  const shared = same(namespaceOf(host, 'self'), namespaceOf(host, 1))
  if (shared === false) return unreadable('command ss -xae', 'unsupported', OWN_NAMESPACE)
  return host.ask<string>('command ss -xae', async (limitMs) => {
    if (process.platform !== 'linux') throw new CannotAsk('unsupported', 'sock_diag is a part of Linux')
    const known = shared ?? same(tableNumber(host, 'self'), tableNumber(host, 1))
    if (known === false) throw new CannotAsk('unsupported', OWN_NAMESPACE)
    if (known === undefined && host.origin.kind === 'root') throw new CannotAsk('unsupported', 'nothing tells that the mounted host and rtctl share a network namespace')
    return squeeze(await runCommand('ss', ['-xae'], limitMs))
  })
}

const OWN_NAMESPACE = 'rtctl runs in a network namespace of its own, and `ss` sees only that one'

/** Each network namespace has files of its own in procfs (fs/proc/proc_net.c), and who may not see the namespace may see their numbers. */
function tableNumber(host: Host, pid: number | 'self'): string | undefined {
  const file = valueOf(host.stat(`/proc/${pid}/net/unix`))
  return file && `${file.device} ${file.inode}`
}

/** undefined: not known of both */
function same<T>(a: T | undefined, b: T | undefined): boolean | undefined {
  return a === undefined || b === undefined ? undefined : a === b
}

/** Columns are padded to the longest name, which makes most of the text blanks; only rows with a name are used. */
function squeeze(text: string): string {
  const rows = text.split('\n').filter((line) => /^u_(?:str|seq)\s+(?:LISTEN|ESTAB)\s+\d+\s+\d+\s+[^*\s]/.test(line))
  return rows.map((line) => line.replace(/ {2,}/g, ' ')).join('\n')
}

function socketFile(host: Host, path: string, rows: readonly SsRow[]): Observed<SocketFile> {
  return mapObserved(host.stat(path), ({type, inode, device}) => {
    const bound = rows.find((row) => row.state === 'listening' && row.file?.inode === inode && row.file.device === device)
    return {type, inode, device, ...(bound && type === 'socket' ? {listener: bound.inode} : {})}
  })
}

/** Bound names of the API sockets: the well-known and configured ones, also where the file was renamed after the bind. */
function apiPeers(
  files: Readonly<Record<string, Observed<SocketFile>>>,
  rows: readonly SsRow[],
  tables: readonly SocketTable[],
): ReadonlySet<string> {
  const byInode = new Map(rows.map((row) => [row.inode, row.path]))
  const names = new Set<string>()
  for (const [path, file] of Object.entries(files)) {
    names.add(path)
    names.add(path.replace(/^\/run\//, '/var/run/'))
    const listener = valueOf(file)?.listener
    const bound = listener === undefined ? undefined : byInode.get(listener)
    if (bound !== undefined) names.add(bound)
  }
  for (const table of tables) {
    for (const {state, path} of valueOf(table.sockets) ?? []) {
      if (state === 'listening' && path !== undefined && /(?:docker|containerd|crio|cri-dockerd)\.sock$/.test(path)) names.add(path)
    }
  }
  return names
}

/**
 * Socket inode → pids that hold it open. Components are known already; who else is at the other end of an API socket
 * (a container that mounts docker.sock, say) is found by looking through all other processes, only when there is one.
 */
function findOwners(
  host: Host,
  {processes, details, reader}: SocketQuestion,
  apiNames: ReadonlySet<string>,
  peers: readonly SocketPair[],
): Record<number, number[]> {
  const owners = new Map<number, number[]>()
  const note = (pid: number, inodes: readonly number[]) => {
    for (const inode of inodes) owners.set(inode, [...(owners.get(inode) ?? []), pid])
  }
  for (const [pid, detail] of details) note(pid, valueOf(detail.socketInodes) ?? [])
  // systemd holds the sockets of units that it starts at the first connection.
  if (!details.has(1)) note(1, valueOf(probeSocketInodes(host, 1)) ?? [])
  const open = peers.filter(({path}) => path !== undefined && apiNames.has(path))
  const missing = new Set(open.flatMap(({inode, peerInode}) => [inode, peerInode]).filter((inode) => !owners.has(inode)))
  for (const {pid} of processes) {
    if (missing.size === 0) break
    if (pid === 1 || pid === reader || details.get(pid)?.socketInodes) continue
    const held = (valueOf(probeSocketInodes(host, pid)) ?? []).filter((inode) => missing.has(inode))
    note(pid, held)
    for (const inode of held) missing.delete(inode)
  }
  return Object.fromEntries(owners)
}
