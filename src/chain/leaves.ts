// SPDX-License-Identifier: Apache-2.0
import {components} from '../components/index.ts'
import type {Chain, ChainEdge, ChainNode, Container, Evidence, Status} from '../model/chain.ts'
import {type Draft, insideOf, type Route} from './draft.ts'
import type {PlacedContainer} from './placed-container.ts'
import {versionOf} from './versions.ts'
import type {World} from './world.ts'

/**
 * Draws what is below an engine: its shims by kind, the OCI runtimes that started the containers and have exited,
 * pod sandboxes and containers. Gives the finished chain.
 */
export function finishRoute(world: World, draft: Draft, route: Route, placed: readonly PlacedContainer[]): Chain {
  const containers = placed.map(({container}) => container)
  const alive = containers.filter(({pid}) => pid !== undefined)
  const nodes = [...route.nodes]
  let above = nodes.at(-1)
  for (const layer of [shimNodes(world, route, alive), ociNodes(world, route, alive), leafNodes(world, route, alive)]) {
    for (const {node, via, evidence} of layer) {
      draft.node(node)
      if (above !== undefined) draft.edge({from: above, to: node.id, via, ...standing(draft, above, node, evidence)})
      nodes.push(node.id)
    }
    above = layer[0]?.node.id ?? above
  }
  return {
    id: route.id, title: route.title, kind: route.kind, status: worst(draft, nodes), nodes, containers: containers.map(({id}) => id),
    ...insideOf(route.place),
  }
}

interface Leaf {
  readonly node: ChainNode
  readonly via: 'ttrpc' | 'fork-exec' | 'in-process'
  readonly evidence: readonly Evidence[]
}

/** A shim outlives its daemon: it is seen to run, but nobody drives it any more. */
function standing(draft: Draft, above: string, node: ChainNode, evidence: readonly Evidence[]): Pick<ChainEdge, 'status' | 'evidence'> {
  const daemon = draft.nodes().find(({id}) => id === above)
  if (node.layer !== 'shim' || daemon?.status !== 'broken') return {status: node.status, evidence}
  return {status: 'broken', evidence: [{kind: 'missing', source: daemon.label, text: 'its daemon is gone'}, ...evidence]}
}

function worst(draft: Draft, ids: readonly string[]): Status {
  const own = new Set(ids)
  const states = [
    ...draft.nodes().filter(({id}) => own.has(id)).map(({status}) => status),
    ...draft.edges().filter(({from, to}) => own.has(from) && own.has(to)).map(({status}) => status),
  ]
  return states.includes('broken') ? 'broken' : states.includes('configured') ? 'configured' : 'observed'
}

// ---------------------------------------------------------------- shims

function shimNodes(world: World, route: Route, alive: readonly Container[]): readonly Leaf[] {
  const pids = [...new Set(alive.flatMap(({shimPid}) => shimPid ?? []))].sort((a, b) => a - b)
  const kinds = Map.groupBy(pids, (pid) => world.components.get(pid)?.name ?? 'shim')
  return [...kinds].map(([component, those]): Leaf => {
    const evidence = shimEvidence(world, those)
    const plain = component.startsWith('conmon')
    return {
      node: {
        id: `shim:${route.id}:${component}`, layer: 'shim', component, label: counted(component, those.length), pids: those, status: 'observed',
        ...insideOf(route.place), notes: shimNotes(alive, those), evidence,
      },
      via: plain ? 'fork-exec' : 'ttrpc',
      evidence,
    }
  })
}

function counted(name: string, number: number): string {
  return number === 1 ? name : `${name} ×${number}`
}

/** One of many stands for all: the argv of the first shim, and the connections the daemon holds to shims. */
function shimEvidence(world: World, pids: readonly number[]): readonly Evidence[] {
  const [first] = pids
  if (first === undefined) return []
  const argv = world.processes.get(first)?.argv ?? []
  return [{kind: 'argv', source: `argv of pid ${first}`, text: argv.map((word) => (/^[0-9a-f]{64}$/.test(word) ? word.slice(0, 12) : word)).join(' ')}]
}

function shimNotes(alive: readonly Container[], pids: readonly number[]): readonly string[] {
  const own = new Set(pids)
  const namespaces = new Set(alive.filter(({shimPid}) => shimPid !== undefined && own.has(shimPid)).flatMap(({engineNamespace}) => engineNamespace ?? []))
  return namespaces.size === 0 ? [] : [`namespace ${[...namespaces].join(', ')}`]
}

// ---------------------------------------------------------------- OCI runtimes

/** The last part of a runtime's path or name → the component it is. */
function ociComponent(name: string): string {
  const known = components.find((component) => component.layer === 'oci' && (component.name === name || component.aliases.includes(name)))
  if (known) return known.name
  if (name.startsWith('nvidia')) return 'nvidia-container-runtime'
  return name.startsWith('kata') ? 'kata-runtime' : 'OCI runtime'
}

function ociNodes(world: World, route: Route, alive: readonly Container[]): readonly Leaf[] {
  const kinds = Map.groupBy(alive.filter(({runtime}) => runtime !== undefined), ({runtime}) => runtime?.name ?? '')
  return [...kinds].map(([name, those]): Leaf => {
    const sample = those[0]?.runtime?.evidence
    const evidence = sample === undefined ? [] : [sample]
    const component = ociComponent(name)
    const version = versionOf(world, component, route.place)
    return {
      node: {
        id: `oci:${route.id}:${name}`, layer: 'oci', component, label: name, ...(version ? {version} : {}), pids: [], status: 'observed',
        ...insideOf(route.place), notes: [`started ${plural(those.length, 'container')}, then exited`], evidence,
      },
      via: 'fork-exec',
      evidence,
    }
  })
}

function plural(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

// ---------------------------------------------------------------- sandboxes and containers

function leafNodes(world: World, route: Route, alive: readonly Container[]): readonly Leaf[] {
  const groups: readonly (readonly ['sandbox' | 'process', readonly Container[]])[] = [
    ['sandbox', alive.filter(({kind}) => kind === 'sandbox')],
    ['process', alive.filter(({kind}) => kind === 'container')],
  ]
  return groups.flatMap(([layer, those]): readonly Leaf[] => {
    const [first] = those
    if (!first || first.pid === undefined) return []
    const ppid = world.processes.get(first.pid)?.ppid ?? 0
    const evidence: readonly Evidence[] = [{kind: 'parent', pid: first.pid, ppid}]
    const notes = layer === 'sandbox' ? machineNotes(world, those) : containerNotes(those)
    return [{
      node: {
        id: `${layer}:${route.id}`, layer, component: layer === 'sandbox' ? 'pod sandbox' : 'container',
        label: plural(those.length, layer === 'sandbox' ? 'pod sandbox' : 'container').replace('sandboxs', 'sandboxes'),
        pids: those.flatMap(({pid}) => pid ?? []), status: 'observed', ...insideOf(route.place), notes, evidence,
      },
      via: 'fork-exec',
      evidence,
    }]
  })
}

/** Sandboxes that are more than a pause process: virtual machines, and gVisor's kernel. */
function machineNotes(world: World, sandboxes: readonly Container[]): readonly string[] {
  const shims = new Set(sandboxes.flatMap(({shimPid}) => shimPid ?? []))
  const names = [...shims].flatMap((pid) => world.children.get(pid) ?? []).flatMap(({pid}) => {
    const component = world.components.get(pid)
    return component && (component.role === 'vmm' || component.name === 'runsc-sandbox') ? [component.name] : []
  })
  return [...Map.groupBy(names, (name) => name)].map(([name, all]) => counted(name, all.length))
}

function containerNotes(containers: readonly Container[]): readonly string[] {
  const pods = new Set(containers.flatMap(({pod}) => (pod ? [`${pod.namespace}/${pod.name}`] : []))).size
  const reaped = containers.filter(({init}) => init !== undefined).length
  const paused = containers.filter(({state}) => state === 'paused').length
  return [
    ...(pods > 0 ? [`in ${plural(pods, 'pod')}`] : []),
    ...(reaped > 0 ? [`${reaped} with docker-init`] : []),
    ...(paused > 0 ? [`${paused} paused`] : []),
  ]
}
