// SPDX-License-Identifier: Apache-2.0
import type {GraphArrow} from '../graph.ts'
import type {Row} from './rows.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** The way of an arrow from row to row, always drawn downwards. */
export interface Route {
  readonly arrow: GraphArrow
  /** rows of its upper and lower end */
  readonly top: number
  readonly bottom: number
  /** it points upwards: its head is at the upper end */
  readonly up: boolean
  /** x where it leaves each row from `top` to the one above `bottom` */
  readonly xs: readonly number[]
  /** x where it enters each row from the one below `top` to `bottom` */
  readonly entries: readonly number[]
  /** the label is on its upper part: its upper box has no other arrow downwards */
  readonly labelAtTail: boolean
  /** x of the arrows that enter its lower box beside it */
  readonly besideHead: {readonly left?: number; readonly right?: number}
}

const LANE_MARGIN = 16
const LANE = 12
const PORT = 72

interface Draft {
  readonly arrow: GraphArrow
  readonly upper: string
  readonly lower: string
  readonly top: number
  readonly bottom: number
  readonly up: boolean
  /** x in each row between its ends */
  readonly lanes: readonly number[]
}

/**
 * Finds the way of each arrow: down from its box, through rows between only in the gaps between their boxes. Several
 * arrows at one side of a box get places of their own. An arrow from a box to itself is left out.
 *
 * @param x left side of a column in pixels
 */
export function routesOf(arrows: readonly GraphArrow[], rows: readonly Row[], x: (column: number) => number, boxWidth: number): readonly Route[] {
  const places = new Map(rows.flatMap((row, index) => row.boxes.map(({box, column}) => [box.id, {row: index, x: x(column) + boxWidth / 2}] as const)))
  const walls = rows.map((row) => row.boxes.map(({column}) => ({left: x(column), right: x(column) + boxWidth})))
  const taken = rows.map((): number[] => [])
  const drafts = arrows.flatMap((arrow): readonly Draft[] => {
    const from = places.get(arrow.from)!
    const to = places.get(arrow.to)!
    if (from.row === to.row) return []
    const up = from.row > to.row
    const [upper, lower, a, b] = up ? [arrow.to, arrow.from, to, from] : [arrow.from, arrow.to, from, to]
    return [{arrow, upper, lower, top: a.row, bottom: b.row, up, lanes: lanesOf(a, b, walls, taken)}]
  })
  return withPorts(drafts, (id) => places.get(id)!.x, boxWidth)
}

interface Wall {
  readonly left: number
  readonly right: number
}

function lanesOf(from: {row: number; x: number}, to: {row: number; x: number}, walls: readonly (readonly Wall[])[], taken: readonly number[][]): readonly number[] {
  const lanes: number[] = []
  for (let row = from.row + 1; row < to.row; row++) {
    const before = lanes.at(-1) ?? from.x
    const lane = freeLane(before, to.x, walls[row]!, taken[row]!)
    taken[row]!.push(lane)
    lanes.push(lane)
  }
  return lanes
}

/** The place nearest to where the arrow comes from and goes to that is in no box and not on another arrow. */
function freeLane(before: number, target: number, walls: readonly Wall[], taken: readonly number[]): number {
  const edges = walls.flatMap(({left, right}) => [0, 1, 2].flatMap((step) => [left - LANE_MARGIN - step * LANE, right + LANE_MARGIN + step * LANE]))
  const clear = (x: number): boolean => walls.every(({left, right}) => x < left - LANE || x > right + LANE)
  const free = [before, target, ...edges].filter((x) => clear(x))
  const alone = free.filter((x) => taken.every((other) => Math.abs(other - x) >= LANE))
  const cost = (x: number): number => Math.abs(x - before) + Math.abs(x - target)
  return (alone.length > 0 ? alone : free).reduce((best, x) => (cost(x) < cost(best) ? x : best))
}

function withPorts(drafts: readonly Draft[], center: (id: string) => number, boxWidth: number): readonly Route[] {
  const outgoing = Map.groupBy(drafts, ({upper}) => upper)
  const incoming = Map.groupBy(drafts, ({lower}) => lower)
  return drafts.map((draft) => {
    const out = outgoing.get(draft.upper)!
    const tails = ports(out, (each) => each.lanes[0] ?? center(each.lower), center(draft.upper), boxWidth)
    const heads = ports(incoming.get(draft.lower)!, (each) => each.lanes.at(-1) ?? center(each.upper), center(draft.lower), boxWidth)
    const entry = heads.find(({draft: each}) => each === draft)!
    const index = heads.indexOf(entry)
    const [left, right] = [heads[index - 1]?.x, heads[index + 1]?.x]
    return {
      arrow: draft.arrow, top: draft.top, bottom: draft.bottom, up: draft.up,
      xs: [tails.find(({draft: each}) => each === draft)!.x, ...draft.lanes], entries: [...draft.lanes, entry.x], labelAtTail: out.length === 1,
      besideHead: {...(left === undefined ? {} : {left}), ...(right === undefined ? {} : {right})},
    }
  })
}

/** The x of each of the arrows at one side of a box, from left to right: in the order of their other ends, so that they do not cross. */
function ports(all: readonly Draft[], other: (draft: Draft) => number, center: number, boxWidth: number): readonly {readonly draft: Draft; readonly x: number}[] {
  const step = Math.min(PORT, (boxWidth - 32) / all.length)
  return all.toSorted((a, b) => other(a) - other(b)).map((draft, index) => ({draft, x: center + (index - (all.length - 1) / 2) * step}))
}
