// SPDX-License-Identifier: Apache-2.0
import type {Process, ProcessDetail} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, valueOf} from '../model/observed.ts'
import {parseStatus} from './parse/proc.ts'

/**
 * Which processes run in a machine inside the machine (kind node, Docker in Docker, systemd-nspawn), and the pid of
 * that machine's first process. `NSpid` of `/proc/PID/status` tells without any privilege: more than one number means
 * a pid namespace below ours, and the first process of it has the number 1 there.
 */
export function findNested(
  host: Host,
  processes: ReadonlyMap<number, Process>,
  details: ReadonlyMap<number, ProcessDetail>,
): Record<number, number> {
  const nsPids = (pid: number): readonly number[] =>
    valueOf(details.get(pid)?.nsPids) ?? valueOf(mapObserved(host.text(`/proc/${pid}/status`), parseStatus))?.nsPids ?? []
  const inside: Record<number, number> = {}
  for (const pid of details.keys()) {
    const first = firstProcess(pid, nsPids, processes)
    if (first !== undefined) inside[pid] = first
  }
  return inside
}

function firstProcess(
  pid: number,
  nsPids: (pid: number) => readonly number[],
  processes: ReadonlyMap<number, Process>,
): number | undefined {
  const depth = nsPids(pid).length
  if (depth < 2) return undefined
  let current = processes.get(pid)
  for (let steps = 0; current && steps < 1000; steps++) {
    const own = nsPids(current.pid)
    // A parent outside of the namespace: the process was put into it from without (docker exec, nsenter).
    if (own.length < depth) return undefined
    if (own.length === depth && own.at(-1) === 1) return current.pid
    current = processes.get(current.ppid)
  }
  return undefined
}
