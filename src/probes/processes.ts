// SPDX-License-Identifier: Apache-2.0
import type {Process, ProcessDetail, ProcessFacts} from '../model/facts.ts'
import {CannotAsk, type Host} from '../model/host.ts'
import {mapObserved, type Observed, ok, unreadable, valueOf} from '../model/observed.ts'
import {parseCgroups, parseCmdline, parseLimits, parseNamespaceLink, parseSocketLink, parseStat, parseStatus} from './parse/proc.ts'
import {takingTurns} from './turn.ts'

/**
 * Every process but zombies and the kernel's own threads, by pid. From procfs; where there is none (macOS) from the system's `ps`,
 * which knows neither sockets nor cgroups.
 */
export async function probeProcesses(host: Host): Promise<Pick<ProcessFacts, 'all' | 'hidden'>> {
  const names = host.entries('/proc')
  if (names.state !== 'ok') return {all: names.state === 'absent' ? await fromPs(host) : names}
  const pids = names.value.filter((name) => /^[1-9]\d*$/.test(name)).map(Number).sort((a, b) => a - b)
  if (pids.length === 0) return {all: await fromPs(host)}
  const turn = takingTurns()
  const reads: Observed<Process | undefined>[] = []
  for (const pid of pids) {
    reads.push(readProcess(host, pid))
    await turn()
  }
  const rows = reads.flatMap((read) => valueOf(read) ?? [])
  // Pid 1 never ends: where it is not listed, or a process may not be read, procfs is mounted with hidepid (proc(5)).
  const refused = reads.filter((read) => read.state === 'unreadable' && read.reason === 'EACCES').length
  const detail = refused > 0 ? `${refused} may not be read (hidepid)` : pids[0] === 1 ? undefined : 'pid 1 is not listed (hidepid)'
  return {all: ok(rows, '/proc'), ...(detail && {hidden: unreadable('/proc', 'EACCES', detail)})}
}

/**
 * Nothing for a kernel thread, and for a zombie: a daemon that was killed is gone, however late its parent asks. A process
 * that ended while it was read is absent or malformed: that is normal, not an error.
 */
function readProcess(host: Host, pid: number): Observed<Process | undefined> {
  return mapObserved(host.text(`/proc/${pid}/stat`), (text) => {
    const {ppid, comm, startTicks, kernelThread, ended} = parseStat(text)
    if (kernelThread || ended) return undefined
    const cmdline = host.text(`/proc/${pid}/cmdline`)
    return {pid, ppid, startTicks, comm, argv: cmdline.state === 'ok' ? parseCmdline(cmdline.value) : []}
  })
}

async function fromPs(host: Host): Promise<Observed<readonly Process[]>> {
  return host.ask<readonly Process[]>('ps', async () => {
    if (process.platform === 'linux') throw new CannotAsk('unsupported', 'no procfs')
    const {default: psList} = await import('ps-list')
    const rows = await psList()
    return rows.map(({pid, ppid, name, cmd}) => ({pid, ppid, startTicks: 0, comm: name, argv: cmd ? cmd.split(' ') : []}))
  })
}

/** How much to read of a process: a daemon everything, a shim and a container's first process what places them. */
export type DetailLevel = 'daemon' | 'shim' | 'container'

/** Reads more of one process. What the system refuses is `unreadable`; a process that ended is `absent`. */
export function probeProcessDetail(host: Host, pid: number, level: DetailLevel): ProcessDetail {
  const status = mapObserved(host.text(`/proc/${pid}/status`), parseStatus)
  const placed = {
    uid: mapObserved(status, ({uid}) => uid),
    nsPids: mapObserved(status, ({nsPids}) => nsPids),
    cgroups: mapObserved(host.text(`/proc/${pid}/cgroup`), parseCgroups),
  }
  if (level === 'container') return {...placed, namespaces: namespaces(host, pid)}
  if (level === 'shim') return {...placed, cwd: host.target(`/proc/${pid}/cwd`)}
  return {
    ...placed,
    exe: host.target(`/proc/${pid}/exe`),
    cwd: host.target(`/proc/${pid}/cwd`),
    namespaces: namespaces(host, pid),
    limits: mapObserved(host.text(`/proc/${pid}/limits`), parseLimits),
    socketInodes: probeSocketInodes(host, pid),
  }
}

function namespaces(host: Host, pid: number): NonNullable<ProcessDetail['namespaces']> {
  const inode = (kind: string) => mapObserved(host.target(`/proc/${pid}/ns/${kind}`), parseNamespaceLink)
  const [pidSpace, net, mnt] = [inode('pid'), inode('net'), inode('mnt')]
  if (pidSpace.state !== 'ok') return pidSpace
  if (net.state !== 'ok') return net
  if (mnt.state !== 'ok') return mnt
  return ok({pid: pidSpace.value, net: net.value, mnt: mnt.value}, `/proc/${pid}/ns`)
}

/** Inodes of the sockets a process holds open, from the links in `/proc/PID/fd` (root or the same user only). */
export function probeSocketInodes(host: Host, pid: number): Observed<readonly number[]> {
  const directory = `/proc/${pid}/fd`
  const names = host.entries(directory)
  if (names.state !== 'ok') return names
  const inodes: number[] = []
  for (const name of names.value) {
    const target = host.target(`${directory}/${name}`)
    if (target.state === 'unreadable') return unreadable(directory, target.reason, target.detail)
    const inode = target.state === 'ok' ? parseSocketLink(target.value) : undefined
    if (inode !== undefined) inodes.push(inode)
  }
  return ok(inodes.sort((a, b) => a - b), directory)
}
