// SPDX-License-Identifier: Apache-2.0
import {components} from '../components/index.ts'
import type {Chain, ChainEdge, ChainNode, Container, Evidence, Status} from '../model/chain.ts'
import {type Draft, insideOf, type Route} from './draft.ts'
import type {Process} from '../model/facts.ts'
import type {PlacedContainer} from './placed-container.ts'
import {plural} from './plural.ts'
import {versionOf} from './versions.ts'
import type {World} from './world.ts'

/**
 * Draws what is below an engine: its shims by kind, the OCI runtimes that started the containers and have exited,
 * pod sandboxes and containers. Gives the finished chain.
 */
export function finishRoute(world: World, draft: Draft, route: Route, placed: readonly PlacedContainer[]): Chain {
  const containers = placed.map(({container}) => container)
  const alive = containers.filter(({pid, shimPid}) => pid !== undefined || shimPid !== undefined)
  const nodes = [...route.nodes]
  /** container id → the node above it so far */
  const above = new Map<string, string>()
  for (const layer of [shimNodes(world, route, alive), ociNodes(world, route, alive), machineNodes(world, route, alive), leafNodes(world, route, alive)]) {
    for (const leaf of layer) {
      draft.node(leaf.node)
      const parents = new Set([...leaf.of].map((id) => above.get(id) ?? route.nodes.at(-1)))
      for (const from of parents) if (from !== undefined) draft.edge({from, to: leaf.node.id, via: leaf.via, ...standing(draft, from, leaf.node, leaf.evidence)})
      nodes.push(leaf.node.id)
    }
    for (const {node, of} of layer) for (const id of of) above.set(id, node.id)
  }
  return {
    id: route.id, title: route.title, kind: route.kind, status: worst(draft, nodes), nodes, containers: containers.map(({id}) => id),
    ...insideOf(route.place),
  }
}

interface Leaf {
  readonly node: ChainNode
  /** ids of the containers it stands for */
  readonly of: ReadonlySet<string>
  readonly via: 'ttrpc' | 'fork-exec' | 'in-process'
  readonly evidence: readonly Evidence[]
}

function idsOf(containers: readonly Container[]): ReadonlySet<string> {
  return new Set(containers.map(({id}) => id))
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
    const own = new Set(those)
    const plain = component.startsWith('conmon')
    return {
      node: {
        id: `shim:${route.id}:${component}`, layer: 'shim', component, label: counted(component, those.length), pids: those, status: 'observed',
        ...insideOf(route.place), notes: shimNotes(alive, those), evidence,
      },
      of: idsOf(alive.filter(({shimPid}) => shimPid !== undefined && own.has(shimPid))),
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
function ociComponent(given: string): string {
  // Red Hat's Docker 1.13 put it behind every name.
  const name = given.replace(/-current$/, '')
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
    // Kata's shim v2 is shim and runtime in one (kata-containers, src/runtime/pkg/containerd-shim-v2).
    const inShim = those.every(({shimPid}) => shimPid !== undefined && world.components.get(shimPid)?.name === 'containerd-shim-kata-v2')
    return {
      node: {
        id: `oci:${route.id}:${name}`, layer: 'oci', component, label: name, ...(version ? {version} : {}), pids: [], status: 'observed',
        ...insideOf(route.place), notes: [inShim ? 'inside the shim' : `started ${plural(those.length, 'container')}, then exited`], evidence,
      },
      of: idsOf(those),
      via: inShim ? 'in-process' : 'fork-exec',
      evidence,
    }
  })
}

// ---------------------------------------------------------------- virtual machines, sandboxes and containers

/** What stands between a container and the kernel of the host: virtual machine monitors, and gVisor's kernel. */
function machineNodes(world: World, route: Route, alive: readonly Container[]): readonly Leaf[] {
  const shims = [...new Set(alive.flatMap(({shimPid}) => shimPid ?? []))]
  const machines = shims.flatMap((shim) => belowShim(world, shim).flatMap(({pid}) => {
    const component = world.components.get(pid)
    return component && (component.role === 'vmm' || component.name === 'runsc-sandbox') ? [{pid, shim, name: component.name}] : []
  }))
  return [...Map.groupBy(machines, ({name}) => name)].map(([component, those]): Leaf => {
    const [first] = those
    const evidence: readonly Evidence[] = first ? [{kind: 'parent', pid: first.pid, ppid: world.processes.get(first.pid)?.ppid ?? 0}] : []
    const own = new Set(those.map(({shim}) => shim))
    return {
      node: {
        id: `machine:${route.id}:${component}`, layer: 'sandbox', component, label: counted(component, those.length), pids: those.map(({pid}) => pid),
        status: 'observed', ...insideOf(route.place), notes: [], evidence,
      },
      of: idsOf(alive.filter(({shimPid}) => shimPid !== undefined && own.has(shimPid))),
      via: 'fork-exec',
      evidence,
    }
  })
}

/** Children of a shim, and those of an OCI runtime that is at work below it. */
function belowShim(world: World, shim: number): readonly Process[] {
  const children = world.children.get(shim) ?? []
  return [...children, ...children.flatMap(({pid}) => (world.components.get(pid)?.layer === 'oci' ? (world.children.get(pid) ?? []) : []))]
}

function leafNodes(world: World, route: Route, alive: readonly Container[]): readonly Leaf[] {
  const groups: readonly (readonly ['sandbox' | 'process', readonly Container[]])[] = [
    ['sandbox', alive.filter(({kind}) => kind === 'sandbox')],
    ['process', alive.filter(({kind}) => kind === 'container')],
  ]
  return groups.flatMap(([layer, those]): readonly Leaf[] => {
    const [first] = those
    if (!first) return []
    const evidence: readonly Evidence[] = first.pid === undefined
      ? [{kind: 'process', pid: first.shimPid ?? 0, text: 'its processes are inside the virtual machine'}]
      : [{kind: 'parent', pid: first.pid, ppid: world.processes.get(first.pid)?.ppid ?? 0}]
    const notes = layer === 'sandbox' ? [] : containerNotes(those)
    return [{
      node: {
        id: `${layer}:${route.id}`, layer, component: layer === 'sandbox' ? 'pod sandbox' : 'container',
        label: plural(those.length, layer === 'sandbox' ? 'pod sandbox' : 'container').replace('sandboxs', 'sandboxes'),
        pids: those.flatMap(({pid}) => pid ?? []), status: 'observed', ...insideOf(route.place), notes, evidence,
      },
      of: idsOf(those),
      via: 'fork-exec',
      evidence,
    }]
  })
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
