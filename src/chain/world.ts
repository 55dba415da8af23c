// SPDX-License-Identifier: Apache-2.0
import {componentOf} from '../components/match.ts'
import type {Component} from '../model/component.ts'
import type {Facts, Process} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {indexSockets, type SocketIndex} from './socket-index.ts'

/** The facts, with the look-ups that every part of the chain needs. */
export interface World {
  readonly facts: Facts
  readonly processes: ReadonlyMap<number, Process>
  readonly children: ReadonlyMap<number, readonly Process[]>
  /** what each recognised process is */
  readonly components: ReadonlyMap<number, Component>
  readonly sockets: SocketIndex
  /** first process of the nested machine a component runs in; undefined: the host itself */
  readonly inside: (pid: number | undefined) => number | undefined
  /** the pid here of a container's first process that a nested machine knows under another number */
  readonly outerPid: (place: number, innerPid: number) => number | undefined
}

/** A place daemons can run in: the host itself (undefined), or a nested machine by the pid of its first process. */
export type Place = number | undefined

export function indexFacts(facts: Facts): World {
  const all = valueOf(facts.processes.all) ?? []
  const components = new Map<number, Component>()
  for (const process of all) {
    const component = componentOf(process)
    if (component) components.set(process.pid, component)
  }
  const inside = (pid: number | undefined): Place => (pid === undefined ? undefined : facts.processes.inside[pid])
  const outer = new Map<string, number>()
  for (const [pid, place, inner] of nestedPids(facts)) outer.set(`${place} ${inner}`, pid)
  return {
    outerPid: (place, innerPid) => outer.get(`${place} ${innerPid}`),
    facts,
    processes: new Map(all.map((process) => [process.pid, process])),
    children: Map.groupBy(all, ({ppid}) => ppid),
    components,
    sockets: indexSockets(facts, inside),
    inside,
  }
}

/** Each process in a nested machine with the number it has there: the one at the depth of the machine's first process. */
function* nestedPids({processes}: Facts): Generator<readonly [pid: number, place: number, innerPid: number]> {
  const places = new Map([...new Set(Object.values(processes.inside))].map((place) => [place, valueOf(processes.details[place]?.nsPids)?.length ?? 2]))
  const parents = new Map((valueOf(processes.all) ?? []).map(({pid, ppid}) => [pid, ppid]))
  for (const [key, detail] of Object.entries(processes.details)) {
    const pid = Number(key)
    const place = processes.inside[pid] ?? processes.inside[parents.get(pid) ?? 0]
    const inner = place === undefined ? undefined : valueOf(detail.nsPids)?.[(places.get(place) ?? 2) - 1]
    if (place !== undefined && inner !== undefined) yield [pid, place, inner]
  }
}

/** Pids of every running process of the named components, lowest first. */
export function pidsOf(world: World, ...names: readonly string[]): readonly number[] {
  return [...world.components].filter(([, {name}]) => names.includes(name)).map(([pid]) => pid)
}

/** A process and those above it, nearest first. The parent of a process is its own business: loops are cut. */
export function* ancestors(world: World, pid: number): Generator<Process> {
  const seen = new Set<number>()
  let current = world.processes.get(pid)
  while (current && !seen.has(current.pid)) {
    seen.add(current.pid)
    yield current
    current = world.processes.get(current.ppid)
  }
}

/** Whether the process is a shim: the lasting parent of a container. */
export function isShim(world: World, pid: number | undefined): boolean {
  return pid !== undefined && world.components.get(pid)?.layer === 'shim'
}
