// SPDX-License-Identifier: Apache-2.0
import type {Graph, GraphArrow, GraphBox} from '../graph.ts'
import {visible} from '../visible.ts'
import {squeezed, textWidth, wrapped} from './text.ts'

export const TITLE_SIZE = 13
export const LINE_SIZE = 11.5
export const LABEL_SIZE = 11
const PAD_X = 16
const PAD_Y = 13
/** the mark of the status, at the right of the title */
const MARK = 22

/** What is written in a box, broken into lines; `y` is the base line below the box's top. */
export interface BoxText {
  readonly lines: readonly {readonly text: string; readonly y: number; readonly role: 'title' | 'fact' | 'note'}[]
  readonly height: number
}

/** What is written on an arrow, and how much room it takes. */
export interface LabelText {
  readonly lines: readonly {readonly text: string; readonly role: 'via' | 'address'}[]
  readonly width: number
  readonly height: number
}

/** Title (two lines), version and pids, and up to four notes of a component. */
export function boxText(box: GraphBox, width: number): BoxText {
  const told = box.notes.filter((note) => note !== '')
  const notes = told.slice(0, 4).map((note) => squeezed(visible(note), width - 2 * PAD_X, LINE_SIZE))
  const more = told.length > 4 ? [`and ${told.length - 4} more`] : []
  const facts = box.facts.length === 0 ? [] : [squeezed(visible(box.facts.join(' · ')), width - 2 * PAD_X, LINE_SIZE)]
  return stacked(wrapped(visible(box.title), width - 2 * PAD_X - MARK, TITLE_SIZE * 1.04, 2), facts, [...notes, ...more])
}

/** Kind, sentence (five lines) and pids of an orphan. */
export function orphanText(orphan: Graph['orphans'][number], width: number): BoxText {
  const facts = orphan.facts === '' ? [] : [orphan.facts]
  return stacked(wrapped(orphan.title, width - 2 * PAD_X - MARK, TITLE_SIZE, 2), facts, wrapped(visible(orphan.text), width - 2 * PAD_X, LINE_SIZE, 5))
}

function stacked(titles: readonly string[], facts: readonly string[], notes: readonly string[]): BoxText {
  let y = PAD_Y - 3
  const lines = [
    ...titles.map((text) => ({text, role: 'title' as const, step: 17})),
    ...facts.map((text) => ({text, role: 'fact' as const, step: 17})),
    ...notes.map((text) => ({text, role: 'note' as const, step: 16})),
  ].map(({text, role, step}) => ({text, role, y: (y += step)}))
  return {lines, height: y + PAD_Y}
}

/** How two components speak, the status where it is not observed, and the socket. */
export function labelText(arrow: GraphArrow, boxWidth: number): LabelText {
  const via = arrow.label === '' ? '' : arrow.label + (arrow.status === 'observed' ? '' : ` · ${arrow.status}`)
  const room = boxWidth - 28
  const lines = [
    ...(via === '' ? [] : [{text: via, role: 'via' as const}]),
    ...(arrow.address === undefined ? [] : [{text: squeezed(visible(arrow.address), room, LABEL_SIZE), role: 'address' as const}]),
  ]
  const width = Math.max(0, ...lines.map(({text}) => textWidth(text, LABEL_SIZE))) + 14
  return {lines, width: Math.min(width, boxWidth - 10), height: lines.length * 15 + 4}
}
