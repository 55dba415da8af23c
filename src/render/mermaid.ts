// SPDX-License-Identifier: Apache-2.0
import type {InspectReport, Status} from '../model/chain.ts'
import {type Graph, type GraphArrow, type GraphBox, graphOf} from './graph.ts'
import {shortened} from './shorten.ts'
import {visible} from './visible.ts'
import {LAYERS} from './words.ts'

/** Characters of one line of a label: GitHub refuses a diagram of more than 50,000 characters. */
const LONGEST = 72

const ARROW: Readonly<Record<Status, string>> = {observed: '-->', configured: '-.->', broken: '-.-x'}

/**
 * The chains as a Mermaid flowchart for a Markdown file (GitHub, GitLab): a subgraph per storey, inside a subgraph
 * per nested machine. Broken arrows are red, dashed and crossed; what is only configured is dashed.
 * No text of the host can leave its label: everything but letters, digits and a few marks is an entity.
 */
export function renderMermaid(report: InspectReport): string {
  const graph = graphOf(report)
  const lines = [
    'flowchart TD',
    '  accTitle: Container runtime chain',
    ...graph.machines.flatMap((machine, index) => machineLines(graph, machine, index)),
    ...orphanLines(graph),
    ...(graph.boxes.length + graph.orphans.length === 0 ? ['  none["No container runtime found"]'] : []),
    ...graph.arrows.map((arrow) => `  ${arrowLine(arrow)}`),
    ...styleLines(graph),
  ]
  return `${lines.join('\n')}\n`
}

function machineLines(graph: Graph, machine: Graph['machines'][number], index: number): readonly string[] {
  const boxes = graph.boxes.filter((box) => box.machine === index)
  if (boxes.length === 0) return []
  const layers = LAYERS.flatMap(({layer, name}) => layerLines(boxes.filter((box) => box.layer === layer), `m${index}_${layer}`, name))
  if (!machine.nested) return layers.map((line) => `  ${line}`)
  return [`  subgraph m${index}["${text(machine.title)}"]`, '    direction TB', ...layers.map((line) => `    ${line}`), '  end']
}

function layerLines(boxes: readonly GraphBox[], id: string, name: string): readonly string[] {
  if (boxes.length === 0) return []
  return [`subgraph ${id}["${name}"]`, ...boxes.map((box) => `  ${boxLine(box)}`), 'end']
}

function boxLine(box: GraphBox): string {
  const label = [text(box.title), ...[box.facts.join(', '), ...box.notes].filter((line) => line !== '').map((line) => text(line))].join('<br/>')
  const shape = box.kind === 'containers' ? `(["${label}"])` : `["${label}"]`
  return box.status === 'observed' ? `${box.id}${shape}` : `${box.id}${shape}:::${box.status}`
}

function arrowLine({from, to, status, label, address}: GraphArrow): string {
  const words = [label === '' ? '' : label + (status === 'observed' ? '' : `, ${status}`), address ?? ''].filter((line) => line !== '')
  return `${from} ${ARROW[status]}${words.length === 0 ? '' : `|"${words.map((line) => text(line)).join('<br/>')}"|`} ${to}`
}

function orphanLines({orphans}: Graph): readonly string[] {
  if (orphans.length === 0) return []
  const boxes = orphans.map(({id, title, text: what, facts}) => {
    const label = [title, what, facts].filter((line) => line !== '').map((line) => text(line)).join('<br/>')
    return `    ${id}["${label}"]:::orphan`
  })
  return ['  subgraph orphans["Orphans"]', '    direction TB', ...boxes, '  end']
}

function styleLines({arrows}: Graph): readonly string[] {
  const broken = arrows.flatMap(({status}, index) => (status === 'broken' ? [index] : []))
  return [
    '  classDef configured stroke-dasharray:6 4',
    '  classDef broken stroke:#cf222e,stroke-width:2px,stroke-dasharray:3 3',
    '  classDef orphan stroke:#9a6700,stroke-dasharray:3 3',
    ...(broken.length > 0 ? [`  linkStyle ${broken.join(',')} stroke:#cf222e,stroke-width:2px`] : []),
  ]
}

/**
 * Host text inside a quoted Mermaid label. Mermaid reads `#34;` as the character 34, and labels as Markdown: a
 * list or a heading at the beginning would be refused, so marks there are entities too. `ﬂ` and `ß` are
 * letters that Mermaid itself uses to carry entities through its parser.
 */
function text(raw: string): string {
  return shortened(visible(raw), LONGEST)
    .replace(/^\d+[.)](?= |$)|^-|[^\p{L}\p{N} .,()/-]|[ﬂß]| (?= )|^ | $/gu, (found) => found.replace(/\D/gu, entity))
}

function entity(character: string): string {
  return `#${character.codePointAt(0)};`
}
