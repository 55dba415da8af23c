// SPDX-License-Identifier: Apache-2.0
import type {Chain, ChainEdge, ChainNode, Evidence, Status, Via} from '../model/chain.ts'
import type {PlacedContainer} from './placed-container.ts'
import type {Place, World} from './world.ts'

/** One route while it is built: what stands in it so far, and which containers hang at its end. */
export interface Route {
  readonly id: string
  readonly title: string
  readonly kind: Chain['kind']
  readonly place: Place
  readonly nodes: readonly string[]
  readonly owns: (placed: PlacedContainer) => boolean
}

/** The graph while it is built. Adding what is there already changes nothing, so routes can share daemons. */
export interface Draft {
  readonly node: (node: ChainNode) => string
  readonly edge: (edge: ChainEdge) => void
  readonly nodes: () => readonly ChainNode[]
  readonly edges: () => readonly ChainEdge[]
}

export function openDraft(): Draft {
  const nodes = new Map<string, ChainNode>()
  const edges = new Map<string, ChainEdge>()
  return {
    node: (node) => {
      if (!nodes.has(node.id)) nodes.set(node.id, node)
      return node.id
    },
    edge: (edge) => {
      const key = `${edge.from} ${edge.to}`
      if (!edges.has(key)) edges.set(key, edge)
    },
    nodes: () => [...nodes.values()],
    edges: () => [...edges.values()],
  }
}

/** `inside` of a node, a chain or a container, as the report writes it. */
export function insideOf(place: Place): {readonly inside?: string} {
  return place === undefined ? {} : {inside: String(place)}
}

export interface SocketLink {
  readonly from: string
  readonly to: string
  readonly via: Via
  readonly fromPid: number | undefined
  readonly path: string
  readonly place: Place
  /** why this socket: a flag, a file, a default */
  readonly configured: Evidence
}

/**
 * Draws an edge over a socket as what it is: `observed` where a connection exists now, `configured` where somebody
 * listens (or it cannot be told), `broken` where nobody does.
 */
export function linkOverSocket(world: World, draft: Draft, link: SocketLink): Status {
  const {status, evidence} = socketEvidence(world, link)
  draft.edge({from: link.from, to: link.to, via: link.via, status, address: link.path, evidence: [link.configured, ...evidence]})
  return status
}

function socketEvidence(world: World, {fromPid, path, place}: SocketLink): {readonly status: Status; readonly evidence: readonly Evidence[]} {
  const state = world.sockets.at(path, place)
  const [listener] = state.owners
  const listens: readonly Evidence[] = listener === undefined ? [] : [{kind: 'listens', pid: listener, path: state.boundAs ?? path}]
  const connections = fromPid === undefined ? 0 : world.sockets.connections(fromPid, path, place)
  if (fromPid !== undefined && listener !== undefined && connections > 0) {
    return {status: 'observed', evidence: [...listens, {kind: 'socket-peer', path, fromPid, toPid: listener, connections}]}
  }
  if (state.listening || !world.sockets.canTell(place)) return {status: 'configured', evidence: listens}
  return {status: 'broken', evidence: [{kind: 'missing', source: path, text: whatIsThere(state.file?.type)}]}
}

function whatIsThere(type: string | undefined): string {
  if (type === 'directory') return 'a directory stands where the socket should be'
  return type === undefined ? 'there is no such socket' : 'nobody listens on it'
}
