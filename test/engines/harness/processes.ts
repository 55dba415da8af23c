// SPDX-License-Identifier: Apache-2.0
import {readFileSync, readdirSync, readlinkSync} from 'node:fs'

// The harness reads procfs by itself: what the tests expect must not come from the code under test.

/** A process and when it began: a pid alone may mean another process by now. */
export interface ProcessId {
  readonly pid: number
  /** clock ticks since boot */
  readonly startTicks: number
}

export interface ProcessRow extends ProcessId {
  readonly ppid: number
  /** one letter, as in proc_pid_stat(5) */
  readonly state: string
  readonly comm: string
}

/** The row of one process, or undefined when there is none. A zombie counts as one. */
export function processRow(pid: number): ProcessRow | undefined {
  const stat = read(`/proc/${pid}/stat`)
  // comm may hold spaces and brackets
  const end = stat.lastIndexOf(')')
  if (end < 0) return undefined
  const fields = stat.slice(end + 2).split(' ')
  return {
    pid, comm: stat.slice(stat.indexOf('(') + 1, end), state: fields[0] ?? '', ppid: Number(fields[1]), startTicks: Number(fields[19]),
  }
}

export function startTicksOf(pid: number): number | undefined {
  return processRow(pid)?.startTicks
}

/** Whether that very process still exists and has not ended. */
export function isAlive(id: ProcessId): boolean {
  const row = processRow(id.pid)
  return row !== undefined && row.startTicks === id.startTicks && row.state !== 'Z'
}

/** All processes that have not ended. */
export function allProcesses(): ProcessRow[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => {
    const row = processRow(Number(name))
    return row && row.state !== 'Z' ? [row] : []
  })
}

/** Whether a process was started with `entry` (`NAME=value`) in its environment. */
export function hasEnvironment(pid: number, entry: string): boolean {
  return read(`/proc/${pid}/environ`).split('\0').includes(entry)
}

/** `/proc/PID/cgroup` as text; empty when the process is gone. */
export function cgroupText(pid: number): string {
  return read(`/proc/${pid}/cgroup`)
}

/** Identity of a process's mount namespace; empty when the process is gone. */
export function mountNamespace(pid: number): string {
  return link(`/proc/${pid}/ns/mnt`)
}

/** Inodes of the sockets that a process holds open. */
export function socketInodes(pid: number): number[] {
  const names = list(`/proc/${pid}/fd`)
  return names.flatMap(name => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`)) ?? []
    return inode ? [Number(inode)] : []
  })
}

/** Bound unix sockets of this network namespace: inode → path. */
export function boundSockets(): Map<number, string> {
  const rows = read('/proc/net/unix').split('\n').slice(1)
  return new Map(rows.flatMap(row => {
    const [, inode, path] = /^(?:\S+\s+){6}(\d+) (.+)$/.exec(row) ?? []
    return inode && path ? [[Number(inode), path] as const] : []
  }))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
