// SPDX-License-Identifier: Apache-2.0
import type {Chain, ChainNode, Container, InspectReport, Orphan, RuntimeChain, Status} from '../model/chain.ts'
import type {Layer} from '../model/component.ts'
import {containersText, ORPHAN, pidsText, VIA} from './words.ts'

/** A box of the drawing. Text is host text as it came: each renderer escapes it in its own way. */
export interface GraphBox {
  /** `n0`, `n1` …: safe in every output language */
  readonly id: string
  readonly kind: 'component' | 'containers'
  readonly layer: Layer
  readonly title: string
  /** version and pids */
  readonly facts: readonly string[]
  readonly notes: readonly string[]
  readonly status: Status
  /** index in `machines` */
  readonly machine: number
  /** indexes in `chains` */
  readonly chains: readonly number[]
}

/** An arrow; `label` is how they speak and over what. */
export interface GraphArrow {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly status: Status
  readonly label: string
  readonly address?: string
}

/** What is drawn of a report: the same for Mermaid, DOT and HTML. */
export interface Graph {
  /** the host first, then the machines inside it */
  readonly machines: readonly {readonly title: string; readonly nested: boolean}[]
  readonly chains: readonly {readonly title: string; readonly status: Status; readonly machine: number}[]
  readonly boxes: readonly GraphBox[]
  readonly arrows: readonly GraphArrow[]
  readonly orphans: readonly {readonly id: string; readonly title: string; readonly text: string; readonly facts: string}[]
}

/**
 * Turns a report into boxes and arrows: every node once, a box for the containers at the end of a chain that has no
 * node for them, and the orphans. Arrows to ids that are no node are left out.
 */
export function graphOf(report: InspectReport): Graph {
  const {chain} = report
  const machines = machinesOf(report)
  const numbers = new Map(chain.nodes.map((node, index) => [node.id, `n${index}`]))
  const components = chain.nodes.map((node) => componentBox(node, numbers.get(node.id)!, chain, machines))
  const ends = endsOf(chain, numbers, machines)
  return {
    machines: machines.map(({title, nested}) => ({title, nested})),
    chains: chain.chains.map(({title, status, inside}) => ({title, status, machine: machineIndex(machines, inside)})),
    boxes: [...components, ...ends.map(({box}) => box)],
    arrows: [...arrowsOf(chain, numbers), ...ends.flatMap(({arrow}) => arrow ?? [])],
    orphans: chain.orphans.map((orphan, index) => orphanBox(orphan, index)),
  }
}

interface Machine {
  readonly id?: string
  readonly title: string
  readonly nested: boolean
}

function machinesOf({host, chain}: InspectReport): readonly Machine[] {
  const known = new Set(chain.nested.map(({id}) => id))
  const unknown = new Set([...chain.nodes, ...chain.chains].flatMap(({inside}) => (inside !== undefined && !known.has(inside) ? [inside] : [])))
  return [
    {title: host.name, nested: false},
    ...chain.nested.map(({id, label, pid}) => ({id, title: `${label} (pid ${pid})`, nested: true})),
    ...[...unknown].map((id) => ({id, title: id, nested: true})),
  ]
}

function machineIndex(machines: readonly Machine[], inside: string | undefined): number {
  return Math.max(0, machines.findIndex(({id}) => id === inside))
}

function componentBox(node: ChainNode, id: string, chain: RuntimeChain, machines: readonly Machine[]): GraphBox {
  return {
    id,
    kind: 'component',
    layer: node.layer,
    title: node.label,
    facts: [node.version ?? '', pidsText(node.pids)].filter((fact) => fact !== ''),
    notes: node.notes,
    status: node.status,
    machine: machineIndex(machines, node.inside),
    chains: chain.chains.flatMap((each, index) => (each.nodes.includes(node.id) ? [index] : [])),
  }
}

interface End {
  readonly box: GraphBox
  readonly arrow?: GraphArrow
}

function endsOf(chain: RuntimeChain, numbers: ReadonlyMap<string, string>, machines: readonly Machine[]): readonly End[] {
  const containers = new Map(chain.containers.map((container) => [container.id, container]))
  // Where containers run, the chain has a node for them already; this box is for those that are all stopped.
  const drawn = new Set(chain.nodes.filter(({layer}) => layer === 'process').map(({id}) => id))
  return chain.chains.flatMap((each, index) => {
    if (each.nodes.some((id) => drawn.has(id))) return []
    const those = each.containers.flatMap((id) => containers.get(id) ?? [])
    if (those.length === 0) return []
    const box = containersBox(each, index, those, machineIndex(machines, each.inside))
    const last = numbers.get(each.nodes.at(-1) ?? '')
    return last === undefined ? [{box}] : [{box, arrow: {id: `a${box.id}`, from: last, to: box.id, status: each.status, label: ''}}]
  })
}

function containersBox(chain: Chain, index: number, containers: readonly Container[], machine: number): GraphBox {
  const [title = '', ...facts] = containersText(containers)
  return {id: `c${index}`, kind: 'containers', layer: 'process', title, facts, notes: [], status: chain.status, machine, chains: [index]}
}

function arrowsOf(chain: RuntimeChain, numbers: ReadonlyMap<string, string>): readonly GraphArrow[] {
  return chain.edges.flatMap(({from, to, via, status, address}, index) => {
    const ends = {from: numbers.get(from), to: numbers.get(to)}
    if (ends.from === undefined || ends.to === undefined) return []
    const arrow = {id: `e${index}`, from: ends.from, to: ends.to, status, label: VIA[via]}
    return [address === undefined || address === '' ? arrow : {...arrow, address}]
  })
}

function orphanBox(orphan: Orphan, index: number): Graph['orphans'][number] {
  return {id: `o${index}`, title: ORPHAN[orphan.kind], text: orphan.text, facts: pidsText(orphan.pids)}
}
