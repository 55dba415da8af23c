// SPDX-License-Identifier: Apache-2.0
import type {Layer} from '../../model/component.ts'
import type {Graph, GraphArrow, GraphBox} from '../graph.ts'
import {LAYERS} from '../words.ts'

/** Boxes side by side; `column` counts columns from the left and may lie between two. */
export interface Row {
  readonly machine: number
  readonly layer: Layer
  readonly boxes: readonly {readonly box: GraphBox; readonly column: number}[]
}

/**
 * Sorts boxes into rows from top to bottom: by machine, by storey, and inside a storey a caller above whom it
 * calls (dockerd above containerd).
 */
export function rowsOf(graph: Graph): readonly Row[] {
  return graph.machines.flatMap((_, machine) => {
    const own = graph.boxes.filter((box) => box.machine === machine)
    return leftAligned(LAYERS.flatMap(({layer}) => storey(graph, own.filter((box) => box.layer === layer), machine, layer)))
  })
}

function storey(graph: Graph, boxes: readonly GraphBox[], machine: number, layer: Layer): readonly Row[] {
  const depths = depthsOf(boxes, graph.arrows)
  const own = graph.chains.flatMap((chain, index) => (chain.machine === machine ? [index] : []))
  const groups = Map.groupBy(boxes, (box) => depths.get(box.id)!)
  return [...groups].toSorted(([a], [b]) => a - b).map(([, members]) => ({machine, layer, boxes: spread(members, own)}))
}

/** The length of the longest way to each box inside its storey. A way that comes back to itself is cut there. */
function depthsOf(boxes: readonly GraphBox[], arrows: readonly GraphArrow[]): ReadonlyMap<string, number> {
  const ids = new Set(boxes.map(({id}) => id))
  const callers = Map.groupBy(arrows.filter(({from, to}) => ids.has(from) && ids.has(to)), ({to}) => to)
  const depths = new Map<string, number>()
  const open = new Set<string>()
  const depth = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return -1
    open.add(id)
    const found = 1 + Math.max(-1, ...(callers.get(id) ?? []).map(({from}) => depth(from)))
    open.delete(id)
    depths.set(id, found)
    return found
  }
  for (const id of ids) depth(id)
  return depths
}

/** The mean column of a box's chains; boxes of no chain stand to the right of all chains. */
function spread(boxes: readonly GraphBox[], chains: readonly number[]): Row['boxes'] {
  let aside = chains.length
  const wishes = boxes.map((box) => {
    const columns = box.chains.map((chain) => chains.indexOf(chain)).filter((column) => column >= 0)
    const column = columns.length > 0 ? columns.reduce((sum, each) => sum + each, 0) / columns.length : aside++
    return {box, column}
  })
  return apart(wishes.toSorted((a, b) => a.column - b.column))
}

interface Block<T> {
  readonly members: readonly T[]
  /** column of its first member */
  readonly start: number
}

/**
 * Moves things that wish for the same column apart, each as little as possible: neighbours that touch form a block
 * whose place is the mean of its members' wishes. Takes them from left to right.
 */
export function apart<T extends {readonly column: number}>(wishes: readonly T[]): readonly T[] {
  const blocks: Block<T>[] = []
  for (const wish of wishes) {
    let block: Block<T> = {members: [wish], start: wish.column}
    for (let before = blocks.at(-1); before && before.start + before.members.length > block.start; before = blocks.at(-1)) {
      blocks.pop()
      const members = [...before.members, ...block.members]
      block = {members, start: members.reduce((sum, each, index) => sum + each.column - index, 0) / members.length}
    }
    blocks.push(block)
  }
  return blocks.flatMap(({members, start}) => members.map((member, index) => ({...member, column: start + index})))
}

/** Moves a machine's rows together so that nothing lies left of the first column. */
function leftAligned(rows: readonly Row[]): readonly Row[] {
  const least = Math.min(...rows.flatMap((row) => row.boxes.map(({column}) => column)))
  return rows.map((row) => ({...row, boxes: row.boxes.map(({box, column}) => ({box, column: column - least}))}))
}
