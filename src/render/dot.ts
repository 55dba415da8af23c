// SPDX-License-Identifier: Apache-2.0
import type {InspectReport, Status} from '../model/chain.ts'
import {type Graph, type GraphArrow, type GraphBox, graphOf} from './graph.ts'
import {shortened} from './shorten.ts'
import {visible} from './visible.ts'

/** Characters of one line of a label. */
const LONGEST = 100

const BOX: Readonly<Record<Status, string>> = {
  observed: '',
  configured: ', style="rounded,dashed"',
  broken: ', style="rounded,dashed,bold", color="#cf222e", fontcolor="#cf222e"',
}

const ARROW: Readonly<Record<Status, string>> = {
  observed: '',
  configured: ', style="dashed"',
  broken: ', style="dashed,bold", color="#cf222e", fontcolor="#cf222e", arrowhead="tee"',
}

/**
 * The chains as a Graphviz digraph: a cluster for the host, one for each machine inside it, one for the orphans.
 * `rtctl inspect -o dot | dot -Tsvg` draws it.
 */
export function renderDot(report: InspectReport): string {
  const graph = graphOf(report)
  const lines = [
    'digraph rtctl {',
    '  graph [rankdir="TB", charset="UTF-8", fontname="sans-serif", nodesep="0.5", ranksep="0.6"]',
    '  node [shape="box", style="rounded", fontname="sans-serif", fontsize="11"]',
    '  edge [fontname="sans-serif", fontsize="9"]',
    ...graph.machines.flatMap((machine, index) => machineLines(graph, machine, index)),
    ...orphanLines(graph),
    ...(graph.boxes.length + graph.orphans.length === 0 ? ['  none [label="No container runtime found", shape="plaintext"]'] : []),
    ...graph.arrows.map((arrow) => arrowLine(arrow)),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function machineLines(graph: Graph, machine: Graph['machines'][number], index: number): readonly string[] {
  const boxes = graph.boxes.filter((box) => box.machine === index)
  if (boxes.length === 0) return []
  return [
    `  subgraph cluster_m${index} {`,
    `    label=${quoted([machine.title])}; labeljust="l"; color="#8c959f"; style="${machine.nested ? 'dashed' : 'solid'}"`,
    ...boxes.map((box) => `    ${boxLine(box)}`),
    '  }',
  ]
}

function boxLine(box: GraphBox): string {
  const shape = box.kind === 'containers' ? ', shape="box3d"' : ''
  return `${box.id} [label=${quoted([box.title, box.facts.join(', '), ...box.notes])}${shape}${BOX[box.status]}]`
}

function arrowLine({from, to, status, label, address}: GraphArrow): string {
  const words = label === '' ? '' : label + (status === 'observed' ? '' : `, ${status}`)
  return `  ${from} -> ${to} [label=${quoted([words, address ?? ''])}${ARROW[status]}]`
}

function orphanLines({orphans}: Graph): readonly string[] {
  if (orphans.length === 0) return []
  return [
    '  subgraph cluster_orphans {',
    '    label="Orphans"; labeljust="l"; color="#9a6700"; style="dashed"',
    ...orphans.map(({id, title, text, facts}) => `    ${id} [label=${quoted([title, text, facts])}, color="#9a6700", style="rounded,dashed"]`),
    '  }',
  ]
}

/**
 * A quoted Graphviz string of lines. In a label a backslash begins an escape (`\N` is the node's name) and `&` an
 * HTML entity, so both are written as themselves; with the quote escaped nothing ends the string.
 */
function quoted(lines: readonly string[]): string {
  const escaped = lines.filter((line) => line !== '')
    .map((line) => shortened(visible(line), LONGEST).replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('&', '&amp;'))
  return `"${escaped.join(String.raw`\n`)}"`
}
