// SPDX-License-Identifier: Apache-2.0
import type {Container, RuntimeChain} from '../model/chain.ts'
import type {Facts} from '../model/facts.ts'
import type {Location} from '../model/location.ts'
import {ancestors, indexFacts} from './world.ts'

/** Which container, pod, shim and daemon a process belongs to; undefined where there is no such process. */
export function locate(facts: Facts, chain: RuntimeChain, pid: number): Location | undefined {
  const world = indexFacts(facts)
  const process = world.processes.get(pid)
  if (!process) return undefined
  const line = [...ancestors(world, pid)]
  const container = line.flatMap((one) => chain.containers.find((candidate) => candidate.pid === one.pid) ?? [])[0]
  const shim = line.flatMap((one) => {
    const component = world.components.get(one.pid)
    return component?.layer === 'shim' ? [{pid: one.pid, component: component.name}] : []
  })[0]
  const component = world.components.get(pid)?.name
  const ofShim = shim && chain.containers.find(({shimPid}) => shimPid === shim.pid)
  const owner = chainOf(chain, container ?? ofShim, pid)
  const daemon = owner && managerOf(chain, owner)
  return {
    schemaVersion: 1, pid, argv: process.argv, ...(component ? {component} : {}), ...(container ? {container} : {}), ...(shim ? {shim} : {}),
    ...(daemon ? {daemon} : {}), ...(owner ? {chain: owner.title} : {}), ancestors: line.map(({pid: at, comm}) => ({pid: at, comm})),
  }
}

function chainOf(chain: RuntimeChain, container: Container | undefined, pid: number): RuntimeChain['chains'][number] | undefined {
  if (container) return chain.chains.find(({containers}) => containers.includes(container.id))
  return chain.chains.find(({nodes}) => chain.nodes.some((node) => nodes.includes(node.id) && node.pids.includes(pid)))
}

/** The engine nearest to the containers: what restarts, reports and removes them. */
function managerOf(chain: RuntimeChain, {nodes}: RuntimeChain['chains'][number]): Location['daemon'] {
  const engine = chain.nodes.find(({id, layer}) => layer === 'engine' && nodes.includes(id))
  if (!engine) return undefined
  const [pid] = engine.pids
  return {component: engine.component, ...(pid === undefined ? {} : {pid}), ...(engine.version ? {version: engine.version} : {}), status: engine.status}
}
