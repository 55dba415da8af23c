// SPDX-License-Identifier: Apache-2.0
import type {NestedMachine} from '../model/chain.ts'
import {valueOf} from '../model/observed.ts'
import {idFromCgroups} from './cgroup.ts'
import {ancestors, type World} from './world.ts'

/** Machines inside the machine that run containers of their own, by their first process. */
export function nestedMachines(world: World): readonly NestedMachine[] {
  const withDaemons = new Set(
    [...world.components].flatMap(([pid, {layer, role}]) => {
      const first = world.inside(pid)
      return first !== undefined && ['orchestration', 'cri', 'engine'].includes(layer) && role !== 'client' && role !== 'helper' ? [first] : []
    }),
  )
  return [...withDaemons].sort((a, b) => a - b).map((pid) => ({id: String(pid), label: labelOf(world, pid), pid}))
}

function labelOf(world: World, pid: number): string {
  const nspawn = [...ancestors(world, pid)].find((process) => world.components.get(process.pid)?.name === 'systemd-nspawn')
  const machine = nspawn === undefined ? undefined : flagOf(nspawn.argv, '-M', '--machine')
  if (nspawn !== undefined) return machine === undefined ? 'systemd-nspawn machine' : `systemd-nspawn machine ${machine}`
  const id = idFromCgroups(valueOf(world.facts.processes.details[pid]?.cgroups) ?? []) ?? containerOf(world, pid)
  return id === undefined ? `machine of pid ${pid}` : `machine in container ${id.slice(0, 12)}`
}

function containerOf(world: World, pid: number): string | undefined {
  return world.facts.dockers.flatMap(({containers}) => valueOf(containers) ?? []).find((container) => container.pid === pid)?.id
}

function flagOf(argv: readonly string[], short: string, long: string): string | undefined {
  const index = argv.findIndex((word) => word === short || word === long)
  return index >= 0 ? argv[index + 1] : argv.find((word) => word.startsWith(`${long}=`))?.slice(long.length + 1)
}
