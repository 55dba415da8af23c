// SPDX-License-Identifier: Apache-2.0
import {components} from '../../components/index.ts'
import type {Chain, ChainEdge, ChainNode, Evidence, RuntimeChain, Status} from '../../model/chain.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'
import {VIA} from '../words.ts'
import {item, spread, wrapped} from './lines.ts'

export interface ChainOptions {
  readonly style: Style
  /** columns */
  readonly width: number
  /** say at each hop what it does and why it exists */
  readonly explain: boolean
}

/** Draws every chain from top to bottom. A daemon that an earlier chain has drawn is only named again. */
export function drawChains(chain: RuntimeChain, options: ChainOptions): readonly string[] {
  const nodes = new Map(chain.nodes.map((node) => [node.id, node]))
  const drawn = new Set<string>()
  return chain.chains.flatMap((one) => {
    const lines = drawChain(one, nodes, chain, drawn, options)
    for (const id of one.nodes) drawn.add(id)
    return [...lines, '']
  })
}

function drawChain(
  one: Chain, nodes: ReadonlyMap<string, ChainNode>, chain: RuntimeChain, drawn: ReadonlySet<string>, options: ChainOptions,
): readonly string[] {
  const own = one.nodes.flatMap((id) => nodes.get(id) ?? [])
  const nested = chain.nested.find(({id}) => id === one.inside)
  const lines: string[] = [...titleLines(visible(one.title), nested ? `in ${visible(nested.label)} (pid ${nested.pid})` : '', options)]
  own.forEach((node, index) => {
    const edge = chain.edges.find(({from, to}) => to === node.id && own.slice(0, index).some(({id}) => id === from))
    if (edge && !isSibling(node, own[index - 1], edge, chain.edges)) lines.push(...drawEdge(edge, options))
    lines.push(...drawNode(node, drawn.has(node.id), options))
  })
  return lines
}

function titleLines(title: string, machine: string, {style, width}: ChainOptions): readonly string[] {
  if (machine === '') return [style.bold(title)]
  if (title.length + 2 + machine.length <= width) return [`${style.bold(title)}  ${style.dim(machine)}`]
  return [style.bold(title), ...item('  ', machine, width).map((line) => style.dim(line))]
}

/** Shims of another kind, or containers beside their sandboxes, hang where the node before hangs: one line serves both. */
function isSibling(node: ChainNode, before: ChainNode | undefined, edge: ChainEdge, edges: readonly ChainEdge[]): boolean {
  if (before === undefined || edge.from === before.id) return false
  // Pod sandboxes stand on virtual machines of the same storey; on the same storey with one parent they are side by side.
  if (before.layer === 'sandbox') return edges.some(({from, to}) => from === edge.from && to === before.id)
  return before.layer === node.layer
}

// ---------------------------------------------------------------- nodes

const MARKS: Readonly<Record<Status, string>> = {observed: '●', configured: '○', broken: '✗'}

function drawNode(node: ChainNode, again: boolean, {style, width, explain}: ChainOptions): readonly string[] {
  const name = visible(node.version === undefined ? node.label : `${node.label} ${node.version}`)
  const pid = node.pids.length === 1 && node.layer !== 'process' && node.layer !== 'sandbox' ? [`pid ${node.pids[0]}`] : []
  const facts = again ? [...pid, 'drawn above'] : [...node.notes, ...pid]
  const paint = paintOf(node.status, style)
  const plain = `  ${MARKS[node.status]} ${name}`
  const styled = `  ${paint(MARKS[node.status])} ${node.status === 'broken' ? style.red(name) : style.bold(name)}`
  const lines = spread(plain, visible(facts.join(', ')), width).map(
    ({left, right}, row) => (row === 0 ? styled + left.slice(plain.length) : left) + style.dim(right),
  )
  return explain && !again ? [...lines, ...explanation(node).flatMap((text) => wrapped(text, width - 6)).map((text) => `  ${style.dim('│')}   ${style.dim(text)}`)] : lines
}

function explanation(node: ChainNode): readonly string[] {
  const component = components.find(({name}) => name === node.component)
  return component ? [component.what, component.why] : []
}

function paintOf(status: Status, style: Style): (text: string) => string {
  return status === 'observed' ? style.green : status === 'configured' ? style.yellow : style.red
}

// ---------------------------------------------------------------- edges

const LINES: Readonly<Record<Status, string>> = {observed: '│', configured: '┊', broken: '╳'}

function drawEdge(edge: ChainEdge, {style, width}: ChainOptions): readonly string[] {
  const what = [VIA[edge.via], ...(edge.address && edge.via !== 'in-process' ? [edge.address] : [])].join('  ')
  const rows = spread(`  ${LINES[edge.status]} ${visible(what)}`, seen(edge), width)
  const paint = edge.status === 'observed' ? style.dim : paintOf(edge.status, style)
  return rows.map(({left, right}) => paint(left) + paint(right))
}

/** How the edge is known, in a few words. */
function seen({status, via, evidence}: ChainEdge): string {
  const peers = evidence.find((one): one is Extract<Evidence, {kind: 'socket-peer'}> => one.kind === 'socket-peer')
  if (peers) return peers.connections === 1 ? '1 connection' : `${peers.connections} connections`
  if (status === 'broken') return evidence.flatMap((one) => (one.kind === 'missing' ? [visible(one.text)] : []))[0] ?? 'broken'
  if (status === 'configured') return via === 'in-process' ? 'configured' : 'no connection seen'
  return evidence.flatMap((one) => inShort(one) ?? [])[0] ?? ''
}

function inShort(evidence: Evidence): string | undefined {
  switch (evidence.kind) {
    case 'listens':
      return `pid ${evidence.pid} listens`
    case 'parent':
      return `pid ${evidence.pid} is a child of pid ${evidence.ppid}`
    case 'argv':
      return visible(evidence.source)
    case 'disk':
      return 'state on disk'
    case 'reported':
      return `said over ${evidence.by === 'cri' ? 'CRI' : 'the Docker API'}`
    default:
      return undefined
  }
}
