// SPDX-License-Identifier: Apache-2.0
import type {CgroupMembership, UnixSocket} from '../../model/facts.ts'

/** PF_KTHREAD of include/linux/sched.h: set for threads of the kernel itself, which have no program. */
const KERNEL_THREAD = 0x0020_0000

export interface ProcStat {
  readonly ppid: number
  readonly comm: string
  readonly startTicks: number
  readonly kernelThread: boolean
  /** a zombie: only its exit status is left, for a parent that has not asked for it yet */
  readonly ended: boolean
}

/**
 * `/proc/PID/stat` (proc_pid_stat(5)). The name stands in parentheses and may itself hold parentheses, blanks and
 * newlines, so the fields are counted from the last `)`.
 *
 * @throws Error when the line is cut short or is not of that form
 */
export function parseStat(text: string): ProcStat {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ')
  // fields[0] is field 3 (state): ppid is field 4, flags 9, starttime 22. One field more proves that it is whole.
  const numbers = [fields[1], fields[6], fields[19]]
  if (open < 0 || close < open || fields.length < 21 || !numbers.every((field) => /^\d+$/.test(field ?? ''))) throw new Error('not a stat line')
  const [ppid, flags, startTicks] = numbers.map(Number) as [number, number, number]
  const comm = text.slice(open + 1, close)
  return {ppid, comm, startTicks, kernelThread: (flags & KERNEL_THREAD) !== 0, ended: /^[ZXx]$/.test(fields[0] ?? '')}
}

/**
 * `/proc/PID/cmdline`: arguments ended by NUL. A program that overwrote its arguments with a title
 * (setproctitle: `nginx: worker process`) leaves one string without NUL, then padding.
 */
export function parseCmdline(text: string): readonly string[] {
  const trimmed = text.replace(/\0+$/, '')
  return trimmed === '' ? [] : trimmed.split('\0')
}

/** `/proc/PID/cgroup` (cgroups(7)): `hierarchy:controllers:path`; the path may hold colons. Lines of another form are left out. */
export function parseCgroups(text: string): readonly CgroupMembership[] {
  const rows: CgroupMembership[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(\/.*)$/s.exec(line)
    if (match) rows.push({hierarchy: Number(match[1]), controllers: match[2] ? match[2].split(',') : [], path: match[3] as string})
  }
  return rows
}

/** What rtctl uses of `/proc/PID/status`: real uid, and the pids in nested namespaces (`NSpid`, since Linux 4.1). */
export function parseStatus(text: string): {readonly uid: number; readonly nsPids: readonly number[]} {
  const uid = /^Uid:\s+(\d+)/m.exec(text)
  if (!uid) throw new Error('no Uid line')
  const nsPids = /^NSpid:\s+([\d\s]+?)$/m.exec(text)
  return {uid: Number(uid[1]), nsPids: nsPids ? (nsPids[1] as string).trim().split(/\s+/).map(Number) : []}
}

/** Soft limits of `/proc/PID/limits`; null is unlimited. */
export function parseLimits(text: string): {readonly openFiles: number | null; readonly coreSize: number | null} {
  const soft = (name: string): number | null => {
    const match = new RegExp(String.raw`^${name}\s+(unlimited|\d+)`, 'm').exec(text)
    if (!match) throw new Error(`no line "${name}"`)
    return match[1] === 'unlimited' ? null : Number(match[1])
  }
  return {openFiles: soft('Max open files'), coreSize: soft('Max core file size')}
}

/** `pid:[4026531836]`, the target of `/proc/PID/ns/pid` → its inode number. */
export function parseNamespaceLink(target: string): number {
  const match = /^[a-z_]+:\[(\d+)\]$/.exec(target)
  if (!match) throw new Error(`not a namespace link: ${target}`)
  return Number(match[1])
}

/** `socket:[46317]`, the target of a file descriptor's link → the socket's inode; undefined for any other file. */
export function parseSocketLink(target: string): number | undefined {
  const match = /^socket:\[(\d+)\]$/.exec(target)
  return match ? Number(match[1]) : undefined
}

// __SO_ACCEPTCON of include/linux/net.h: the only mark of a listening socket.
const ACCEPTS_CONNECTIONS = 0x1_0000
// SS_CONNECTED of include/uapi/linux/net.h
const CONNECTED = 3

/**
 * `/proc/net/unix` (unix(7); printed by unix_seq_show of net/unix/af_unix.c): listeners and accepted ends carry the
 * name they were bound under, the connecting ends carry none. A name may hold any byte, blanks too; an abstract name
 * is printed with `@`. Lines of another form are left out: the file can change while it is read.
 */
export function parseNetUnix(text: string): readonly UnixSocket[] {
  const rows: UnixSocket[] = []
  for (const line of text.split('\n')) {
    const match = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]{8}) [0-9A-F]{4} ([0-9A-F]{2}) +(\d+)(?: (.*))?$/is.exec(line)
    if (!match) continue
    const [, flags, state, inode, path] = match as unknown as [string, string, string, string, string | undefined]
    const listening = (Number.parseInt(flags, 16) & ACCEPTS_CONNECTIONS) !== 0
    rows.push({
      inode: Number(inode),
      state: listening ? 'listening' : Number.parseInt(state, 16) === CONNECTED ? 'connected' : 'other',
      ...(path === undefined || path === '' ? {} : {path}),
    })
  }
  return rows
}
