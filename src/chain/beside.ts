// SPDX-License-Identifier: Apache-2.0
import type {RuntimeChain} from '../model/chain.ts'
import {insideOf} from './draft.ts'
import {runtimeSockets} from './runtime-sockets.ts'
import type {World} from './world.ts'

const BESIDE = ['client', 'network', 'storage', 'build', 'agent']

/** What runs beside the chains: clients, log agents, CNI and CSI daemons, builders, and which runtime sockets they use. */
export function findBeside(world: World): RuntimeChain['beside'] {
  const members = [...world.components].filter(([, {layer}]) => BESIDE.includes(layer))
  const nested = new Set([...world.components].filter(([, {layer}]) => layer === 'engine').map(([pid]) => world.inside(pid)))
  const groups = Map.groupBy(members, ([pid, {name}]) => `${name} ${nested.has(world.inside(pid)) ? (world.inside(pid) ?? '') : ''}`)
  return [...groups.values()].flatMap((those) => {
    const [first] = those
    if (!first) return []
    const pids = those.map(([pid]) => pid)
    const place = nested.has(world.inside(first[0])) ? world.inside(first[0]) : undefined
    const sockets = runtimeSockets(world, place)
    const talksTo = sockets.filter((path) => pids.some((pid) => world.sockets.connections(pid, path, place) > 0))
    return [{component: first[1].name, pids, ...insideOf(place), talksTo}]
  })
}
