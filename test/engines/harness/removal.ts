// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {cacheDirectory} from './packages.ts'
import {
  allProcesses, boundSockets, cgroupText, hasEnvironment, isAlive, mountNamespace, socketInodes, startTicksOf, type ProcessId, type ProcessRow,
} from './processes.ts'

// Everything here is synchronous: it must also work in an exit handler. It never asks a daemon, because the tests
// kill and stop daemons; what belongs to a run is known by the run's own folder, marker, link names and container ids.

/** What must be known to remove all traces of a run, also from a later process. Kept as a file while the run lasts. */
export interface RunRecord {
  /** short and unique, e.g. `rt-x1Y2z3` */
  readonly id: string
  /** the run's folder: sockets, data, state, logs */
  readonly directory: string
  /** environment entry that every daemon and client of the run is started with; daemons pass it on to shims */
  readonly marker: string
  readonly runner: ProcessId
  /** network interfaces */
  readonly links: readonly string[]
  /** path of a busybox, whose `ip` removes them: a bare machine may have none of its own */
  readonly busybox: string
  /** folders in shared places that were there before this run and any other run of now */
  readonly foldersBefore: readonly string[]
  /** parts of file names that only this run uses: container ids, pod uids */
  readonly names: readonly string[]
  /** shim sockets, which lie outside of the run's folder */
  readonly sockets: readonly string[]
}

/** Where OCI runtimes, shims, CNI and dockerd keep what no flag moves elsewhere. */
const sharedFolders = [
  '/etc/docker', '/opt/containerd', '/run/containerd', '/run/crun', '/run/docker', '/run/netns', '/run/runc', '/run/runsc', '/var/lib/cni',
]

/** Parent cgroups that dockerd, ctr and the pods of these tests use, under every hierarchy. */
const sharedCgroups = ['default', 'docker', 'kubepods']

/** Starts the book-keeping of a run. To be called before anything of it exists but its (empty) folder. */
export function openRun(directory: string, links: readonly string[], busybox: string): RunRecord {
  const id = basename(directory)
  const others = records().map(other => new Set(other.foldersBefore))
  const record: RunRecord = {
    id, directory, links, busybox, marker: `RTCTL_TEST_RUN=${id}`, names: [id], sockets: [],
    runner: {pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0},
    foldersBefore: sharedNow().filter(path => others.every(before => before.has(path))),
  }
  save(record)
  return record
}

/** Notes further names (see `RunRecord.names`) of a run. */
export function addNames(record: RunRecord, names: readonly string[]): RunRecord {
  const changed = {...record, names: [...new Set([...record.names, ...names])]}
  save(changed)
  return changed
}

/**
 * Removes whatever is left of a run: processes, container state, shim sockets, cgroups, mounts, links, its folder. Gives
 * what could not be removed; the record stays then, so that the next run tries again.
 */
export function removeRun(record: RunRecord): string[] {
  const full = withTraces(record)
  save(full)
  killAll(full)
  for (const mount of mountsBelow(full.directory)) spawnSync('umount', ['-l', mount])
  for (const path of tracesOf(full)) rmSync(path, {recursive: true, force: true})
  for (const path of full.sockets) rmSync(path, {force: true})
  for (const path of cgroupsOf(full)) tryRmdir(path)
  for (const link of full.links) removeLink(full.busybox, link)
  // never delete through a mount
  if (mountsBelow(full.directory).length === 0) rmSync(full.directory, {recursive: true, force: true})
  for (const path of newSharedFolders(full)) tryRmdir(path)
  const left = leftovers(full)
  if (left.length === 0) rmSync(recordFile(full), {force: true})
  return left
}

/** What of a run still exists on this machine, one line each. */
export function leftovers(known: RunRecord): string[] {
  const record = withTraces(known)
  return [
    ...processesOf(record).map(row => `process ${row.pid} ${row.comm}`),
    ...mountsBelow(record.directory).map(path => `mount ${path}`),
    ...record.links.filter(link => existsSync(`/sys/class/net/${link}`)).map(link => `network interface ${link}`),
    ...record.sockets.filter(path => existsSync(path)).map(path => `shim socket ${path}`),
    ...tracesOf(record).map(path => `container state ${path}`),
    ...cgroupsOf(record).map(path => `cgroup ${path}`),
    ...newSharedFolders(record).map(path => `folder ${path}`),
    ...existsSync(record.directory) ? [`folder ${record.directory}`] : [],
  ]
}

/** Removes the runs whose process is gone: killed, or crashed too hard to clean up. */
export function removeAbandonedRuns(): void {
  for (const record of records()) {
    if (isAlive(record.runner)) continue
    const left = removeRun(record)
    if (left.length > 0) process.stderr.write(`engine tests: an earlier run (${record.id}) left behind:\n  ${left.join('\n  ')}\n`)
  }
}

/** The records of runs that have not been removed, of this process and of others. */
function records(): RunRecord[] {
  const directory = join(cacheDirectory(), 'runs')
  if (!existsSync(directory)) return []
  return readdirSync(directory).filter(name => name.endsWith('.json')).flatMap(name => {
    try {
      return [JSON.parse(readFileSync(join(directory, name), 'utf8')) as RunRecord]
    } catch {
      return [] // removed just now
    }
  })
}

function save(record: RunRecord): void {
  mkdirSync(dirname(recordFile(record)), {recursive: true})
  writeFileSync(`${recordFile(record)}.new`, JSON.stringify(record, null, 2))
  renameSync(`${recordFile(record)}.new`, recordFile(record))
}

function recordFile(record: RunRecord): string {
  return join(cacheDirectory(), 'runs', `${record.id}.json`)
}

// ---------------------------------------------------------------- what belongs to a run

/** Adds the container ids and shim sockets that can be read from the run's folder and its processes now. */
function withTraces(record: RunRecord): RunRecord {
  const bundles = subfolders(join(record.directory, 'state/io.containerd.runtime.v2.task')).flatMap(subfolders)
  const containers = subfolders(join(record.directory, 'docker/containers'))
  return {
    ...record,
    names: [...new Set([...record.names, ...[...bundles, ...containers].map(path => basename(path))])],
    sockets: [...new Set([...record.sockets, ...bundles.flatMap(addressOf), ...boundByShims(record)])],
  }
}

/** The shim's socket that containerd notes in a bundle: `address` in 1.x, `bootstrap.json` from 2.0 on. */
function addressOf(bundle: string): string[] {
  return ['address', 'bootstrap.json'].flatMap(name => {
    const file = join(bundle, name)
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return [...text.matchAll(/unix:\/\/(\/[^"\s]+)/g)].map(([, path = '']) => path)
  })
}

function boundByShims(record: RunRecord): string[] {
  const bound = boundSockets()
  return processesOf(record).flatMap(({pid}) => socketInodes(pid)).flatMap(inode => {
    const path = bound.get(inode)
    return path?.startsWith('/run/containerd/s/') ? [path] : []
  })
}

/** The run's daemons, clients and shims, everything below them, and whatever sits in a container's cgroup. */
function processesOf(record: RunRecord): ProcessRow[] {
  const all = allProcesses()
  const mine = new Set<number>()
  for (const {pid} of all) {
    if (pid === process.pid) continue
    const cgroups = cgroupText(pid)
    if (hasEnvironment(pid, record.marker) || record.names.some(name => cgroups.includes(name))) mine.add(pid)
  }
  for (let before = -1; before !== mine.size;) {
    before = mine.size
    for (const {pid, ppid} of all) if (mine.has(ppid)) mine.add(pid)
  }
  return all.filter(({pid}) => mine.has(pid))
}

/** State of containers in shared places: files and folders named after them. */
function tracesOf(record: RunRecord): string[] {
  const named = sharedFolders.flatMap(folder => below(folder, 4)).filter(path => record.names.some(name => basename(path).includes(name)))
  // ctr makes a folder with a random name for the pipes of one container
  return [...new Set(named.map(path => dirname(dirname(path)) === '/run/containerd/fifo' ? dirname(path) : path))]
}

/** Deepest first, as they must be removed. */
function cgroupsOf(record: RunRecord): string[] {
  return cgroupRoots().flatMap(root => sharedCgroups.flatMap(name => foldersBelow(join(root, name), 4)))
    .filter(path => record.names.some(name => path.includes(name)))
    .sort((a, b) => b.length - a.length)
}

function mountsBelow(directory: string): string[] {
  const rows = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map(row => row.split(' ')[4] ?? '')
  const paths = rows.map(path => path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))))
  return paths.filter(path => path.startsWith(`${directory}/`)).sort((a, b) => b.length - a.length)
}

/**
 * Folders in shared places that came with this run and hold no file, deepest first. While other engines run here they may
 * be theirs, so there are none then: the last run takes them away.
 */
function newSharedFolders(record: RunRecord): string[] {
  if (records().some(other => other.id !== record.id) || foreignEngineRuns(record)) return []
  const before = new Set(record.foldersBefore)
  return sharedNow().filter(path => !before.has(path) && holdsNoFile(path)).sort((a, b) => b.length - a.length)
}

/** Whether engines that no test has started use this machine's folders. Those of a nested node have their own. */
function foreignEngineRuns(record: RunRecord): boolean {
  const mine = new Set(processesOf(record).map(({pid}) => pid))
  const here = mountNamespace(process.pid)
  return allProcesses().some(({pid, comm}) => (
    !mine.has(pid) && /^(dockerd|containerd|conmon|crio$|podman$)/.test(comm) && mountNamespace(pid) === here
  ))
}

/** Cgroups are folders full of files: there only folders count. */
function holdsNoFile(folder: string): boolean {
  const inCgroups = folder.startsWith('/sys/fs/cgroup/')
  return entriesOf(folder).every(entry => entry.isDirectory() ? holdsNoFile(join(folder, entry.name)) : inCgroups)
}

function sharedNow(): string[] {
  const folders = [...sharedFolders, ...cgroupRoots().flatMap(root => sharedCgroups.map(name => join(root, name)))]
  return folders.flatMap(folder => foldersBelow(folder, 3))
}

/** Where cgroup hierarchies are mounted: the one of v2, or each of v1. */
function cgroupRoots(): string[] {
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? ['/sys/fs/cgroup'] : subfolders('/sys/fs/cgroup')
}

// ---------------------------------------------------------------- removing

/** SIGKILL until nothing is left: shims may start a last helper while they go down. Frozen processes must be thawed to die. */
function killAll(record: RunRecord): void {
  for (let round = 0; round < 100; round += 1) {
    const rows = processesOf(record)
    if (rows.length === 0) return
    for (const row of rows) tryKill(row)
    for (const path of cgroupsOf(record)) thaw(path)
    pause(round < 10 ? 20 : 100)
  }
}

function tryKill(row: ProcessRow): void {
  if (!isAlive(row)) return
  try {
    process.kill(row.pid, 'SIGKILL')
  } catch {
    // ended by itself
  }
}

function thaw(cgroup: string): void {
  for (const [name, value] of [['freezer.state', 'THAWED'], ['cgroup.freeze', '0']] as const) {
    const file = join(cgroup, name)
    try {
      if (existsSync(file)) writeFileSync(file, value)
    } catch {
      // the cgroup went away
    }
  }
}

/** Removes an interface, and the ends of containers' veth pairs that are plugged into it. */
function removeLink(busybox: string, link: string): void {
  if (!existsSync(`/sys/class/net/${link}`)) return
  const ports = `/sys/class/net/${link}/brif`
  const names = existsSync(ports) ? readdirSync(ports) : []
  for (const name of [...names, link]) spawnSync(busybox, ['ip', 'link', 'del', name])
}

/** A folder that is not empty belongs to somebody else too, or is one that `leftovers` will tell of. */
function tryRmdir(path: string): void {
  for (let round = 0; round < 10; round += 1) {
    try {
      return rmdirSync(path)
    } catch (error) {
      // a cgroup stays busy for a moment after its last process has ended
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return
      pause(20)
    }
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

// ---------------------------------------------------------------- folders

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, {withFileTypes: true})
  } catch {
    return [] // not there, or just removed
  }
}

function subfolders(folder: string): string[] {
  return entriesOf(folder).filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name))
}

/** The folder itself, if it is there, and the folders in it. */
function foldersBelow(folder: string, depth: number): string[] {
  if (!existsSync(folder)) return []
  return [folder, ...depth === 0 ? [] : subfolders(folder).flatMap(path => foldersBelow(path, depth - 1))]
}

/** Files and folders in a folder. */
function below(folder: string, depth: number): string[] {
  return entriesOf(folder).flatMap(entry => {
    const path = join(folder, entry.name)
    return [path, ...entry.isDirectory() && depth > 1 ? below(path, depth - 1) : []]
  })
}
