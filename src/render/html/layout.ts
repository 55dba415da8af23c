// SPDX-License-Identifier: Apache-2.0
import type {Graph, GraphArrow, GraphBox} from '../graph.ts'
import {LAYERS} from '../words.ts'
import {boxText, type BoxText, labelText, type LabelText, orphanText} from './box-text.ts'
import {apart, type Row, rowsOf} from './rows.ts'
import {type Point, type Route, routesOf} from './routes.ts'

/** All lengths are CSS pixels; x grows to the right and y downwards. */
export const BOX_WIDTH = 276
const COLUMN = BOX_WIDTH + 60
/** where the names of the storeys stand */
const LEFT = 156
const RIGHT = 28
const BAND_PAD = 16
/** room for the title of a machine and for the titles of its chains */
const MACHINE_TITLE = 40
const CHAIN_TITLE = 44
const MACHINE_GAP = 28
const CURVE = 34
const ARROW_HEAD = 12

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface PlacedBox extends Rectangle {
  readonly box: GraphBox
  readonly text: BoxText
}

export interface PlacedLabel extends Rectangle {
  readonly arrow: GraphArrow
  readonly text: LabelText
  /** it lies on the ground of a storey, not between two */
  readonly inBand: boolean
}

export interface PlacedArrow {
  readonly arrow: GraphArrow
  readonly path: string
  /** where the head is, and whether it looks up */
  readonly head: Point & {readonly up: boolean}
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly machines: readonly (Rectangle & {readonly title: string; readonly nested: boolean})[]
  readonly bands: readonly (Rectangle & {readonly name: string})[]
  readonly headings: readonly {readonly x: number; readonly y: number; readonly chain: Graph['chains'][number]}[]
  readonly boxes: readonly PlacedBox[]
  readonly arrows: readonly PlacedArrow[]
  readonly labels: readonly PlacedLabel[]
  readonly orphans: readonly (Rectangle & {readonly orphan: Graph['orphans'][number]; readonly text: BoxText})[]
}

interface Strip {
  readonly labels: readonly {readonly route: Route; readonly x: number; readonly text: LabelText; readonly offset: number}[]
  readonly height: number
}

/** Between two rows: labels at the arrows' tails, then the bends, then labels at their heads. */
interface Gap {
  readonly tails: Strip
  readonly heads: Strip
  readonly bend: number
  readonly inBand: boolean
  /** from the row above to the first strip, and from the last strip to the row below */
  readonly above: number
  readonly below: number
}

/**
 * Lays a graph out: storeys from top to bottom, one column per chain, a daemon of several chains once in the
 * middle of them, machines inside the host below it in frames, orphans last. Boxes of a storey have one height.
 * Arrows pass boxes only between them, and their labels lie on them where no box and no other label is.
 */
export function layoutOf(graph: Graph): Layout {
  const rows = rowsOf(graph)
  const headings = headingsOf(graph, rows)
  const columns = Math.max(1, ...[...headings, ...rows.flatMap((row) => row.boxes)].map(({column}) => column + 1))
  const width = LEFT + (columns - 1) * COLUMN + BOX_WIDTH + RIGHT
  const texts = new Map(graph.boxes.map((box) => [box.id, boxText(box, BOX_WIDTH)]))
  const routes = routesOf(graph.arrows, rows, (column) => LEFT + column * COLUMN, BOX_WIDTH)
  const gaps = rows.slice(0, -1).map((row, index) => gapBelow(row, rows[index + 1]!, routes, index))
  const heights = rows.map((row) => Math.max(...row.boxes.map(({box}) => texts.get(box.id)!.height)))
  const tops = topsOf(rows, heights, gaps)
  const boxes = rows.flatMap((row, index) => row.boxes.map(({box, column}): PlacedBox => (
    {box, text: texts.get(box.id)!, x: LEFT + column * COLUMN, y: tops[index]!, width: BOX_WIDTH, height: heights[index]!})))
  const end = rows.length === 0 ? 0 : tops.at(-1)! + heights.at(-1)! + BAND_PAD
  const orphans = placedOrphans(graph, end + (end > 0 ? MACHINE_GAP : 0) + MACHINE_TITLE, columns)
  return {
    width,
    height: Math.max(end, ...orphans.map((each) => each.y + each.height + BAND_PAD)) + 12,
    machines: machinesOf(graph, rows, tops, heights, width),
    bands: bandsOf(rows, tops, heights, width),
    headings: placedHeadings(headings, rows, tops),
    boxes,
    arrows: routes.map((route) => drawn(route, tops, heights, gaps)),
    labels: gaps.flatMap((gap, index) => placedLabels(gap, tops[index]! + heights[index]!)),
    orphans,
  }
}

function gapBelow(row: Row, next: Row, routes: readonly Route[], index: number): Gap {
  const through = routes.filter((route) => route.top <= index && index < route.bottom)
  const tails = through.filter((route) => route.labelAtTail && route.top === index)
  const heads = through.filter((route) => !route.labelAtTail && route.bottom === index + 1)
  const bends = through.some((route) => route.xs[index - route.top] !== route.entries[index - route.top])
  const sameBand = row.machine === next.machine && row.layer === next.layer
  const pad = sameBand ? 6 : BAND_PAD + 4
  const newMachine = row.machine === next.machine ? 0 : MACHINE_GAP + MACHINE_TITLE + CHAIN_TITLE
  return {
    tails: stripOf(tails, (route, width) => route.xs[0]! - width / 2),
    heads: stripOf(heads, beforeHead),
    bend: bends ? CURVE : 6,
    inBand: sameBand,
    above: pad,
    below: (sameBand ? 0 : BAND_PAD) + ARROW_HEAD + newMachine,
  }
}

/** On the arrow, moved aside where it would hide a neighbour that enters the same box. */
function beforeHead({entries, besideHead: {left, right}}: Route, width: number): number {
  const x = entries.at(-1)! - width / 2
  if (right !== undefined && left === undefined) return Math.min(x, right - 6 - width)
  if (left !== undefined && right === undefined) return Math.max(x, left + 6)
  return x
}

/** Labels beside each other where there is room, else below each other. */
function stripOf(routes: readonly Route[], left: (route: Route, width: number) => number): Strip {
  const labels = routes.map((route) => ({route, text: labelText(route.arrow, BOX_WIDTH)}))
    .filter(({text}) => text.lines.length > 0)
    .map(({route, text}) => ({route, text, x: left(route, text.width)}))
  const levels: (typeof labels)[] = []
  for (const label of labels.toSorted((a, b) => a.x - b.x)) {
    const level = levels.find((those) => those.every((other) => other.x + other.text.width + 8 < label.x)) ?? levels[levels.push([]) - 1]!
    level.push(label)
  }
  let height = 0
  const placed = levels.flatMap((level) => {
    const offset = height
    height += Math.max(...level.map(({text}) => text.height)) + 6
    return level.map((label) => ({...label, offset}))
  })
  return {labels: placed, height}
}

function placedLabels(gap: Gap, bottom: number): readonly PlacedLabel[] {
  const place = (strip: Strip, y: number): readonly PlacedLabel[] => strip.labels.map(({route, x, text, offset}) => (
    {arrow: route.arrow, text, inBand: gap.inBand, x, y: y + offset, width: text.width, height: text.height}))
  const first = bottom + gap.above
  return [...place(gap.tails, first), ...place(gap.heads, first + gap.tails.height + gap.bend)]
}

function topsOf(rows: readonly Row[], heights: readonly number[], gaps: readonly Gap[]): readonly number[] {
  const tops: number[] = []
  let y = MACHINE_TITLE + CHAIN_TITLE + BAND_PAD
  for (const index of rows.keys()) {
    tops.push(y)
    const gap = gaps[index]
    if (gap) y += heights[index]! + gap.above + gap.tails.height + gap.bend + gap.heads.height + gap.below
  }
  return tops
}

function drawn(route: Route, tops: readonly number[], heights: readonly number[], gaps: readonly Gap[]): PlacedArrow {
  const start = tops[route.top]! + heights[route.top]!
  let path = `M${pixels(route.xs[0]!)} ${pixels(start)}`
  for (const [index, entry] of route.entries.entries()) {
    const row = route.top + index
    const gap = gaps[row]!
    const bendTop = tops[row]! + heights[row]! + gap.above + gap.tails.height
    const bendBottom = bendTop + gap.bend
    const from = route.xs[index]!
    const middle = (bendTop + bendBottom) / 2
    path += `V${pixels(bendTop)}`
    if (from !== entry) path += `C${pixels(from)} ${pixels(middle)} ${pixels(entry)} ${pixels(middle)} ${pixels(entry)} ${pixels(bendBottom)}`
    path += `V${pixels(tops[row + 1]!)}`
  }
  const head = route.up
    ? {x: route.xs[0]!, y: start, up: true}
    : {x: route.entries.at(-1)!, y: tops[route.bottom]!, up: false}
  return {arrow: route.arrow, path, head}
}

/** At most two decimals, for a short file. */
export function pixels(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function bandsOf(rows: readonly Row[], tops: readonly number[], heights: readonly number[], width: number): Layout['bands'] {
  const groups = Map.groupBy(rows.keys(), (index) => `${rows[index]!.machine} ${rows[index]!.layer}`)
  return [...groups.values()].map((indexes) => {
    const y = tops[indexes[0]!]! - BAND_PAD
    const last = indexes.at(-1)!
    const name = LAYERS.find(({layer}) => layer === rows[indexes[0]!]!.layer)!.name
    return {name, x: 12, y, width: width - 24, height: tops[last]! + heights[last]! + BAND_PAD - y}
  })
}

function machinesOf(graph: Graph, rows: readonly Row[], tops: readonly number[], heights: readonly number[], width: number): Layout['machines'] {
  return graph.machines.flatMap(({title, nested}, machine) => {
    const first = rows.findIndex((row) => row.machine === machine)
    const last = rows.findLastIndex((row) => row.machine === machine)
    if (first < 0) return []
    const y = tops[first]! - BAND_PAD - CHAIN_TITLE - MACHINE_TITLE
    return [{title, nested, x: 2, y, width: width - 4, height: tops[last]! + heights[last]! + BAND_PAD + 10 - y}]
  })
}

interface Heading {
  readonly chain: Graph['chains'][number]
  readonly column: number
}

/** A chain's title stands above those of its boxes that fewest others share; no two titles in one column. */
function headingsOf(graph: Graph, rows: readonly Row[]): readonly Heading[] {
  return graph.machines.flatMap((_, machine) => {
    const placed = rows.filter((row) => row.machine === machine).flatMap((row) => row.boxes)
    const wishes = graph.chains.flatMap((chain, index): readonly Heading[] => {
      const own = placed.filter(({box}) => box.chains.includes(index))
      const least = own.toSorted((a, b) => a.box.chains.length - b.box.chains.length)[0]
      return chain.machine === machine && least ? [{chain, column: least.column}] : []
    })
    const spread = apart(wishes.toSorted((a, b) => a.column - b.column))
    const shift = Math.min(0, ...spread.map(({column}) => column))
    return spread.map(({chain, column}) => ({chain, column: column - shift}))
  })
}

function placedHeadings(headings: readonly Heading[], rows: readonly Row[], tops: readonly number[]): Layout['headings'] {
  return headings.map(({chain, column}) => {
    const row = rows.findIndex((each) => each.machine === chain.machine)
    return {chain, x: LEFT + column * COLUMN, y: tops[row]! - BAND_PAD - CHAIN_TITLE + 4}
  })
}

function placedOrphans(graph: Graph, y: number, columns: number): Layout['orphans'] {
  const perRow = Math.floor(columns)
  const texts = graph.orphans.map((orphan) => orphanText(orphan, BOX_WIDTH))
  const placed: Layout['orphans'][number][] = []
  let top = y
  for (let first = 0; first < texts.length; first += perRow) {
    const row = texts.slice(first, first + perRow)
    const height = Math.max(...row.map((text) => text.height))
    placed.push(...row.map((text, index) => (
      {orphan: graph.orphans[first + index]!, text, x: LEFT + index * COLUMN, y: top, width: BOX_WIDTH, height})))
    top += height + 16
  }
  return placed
}
