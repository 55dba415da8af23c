// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Least width of a column and the gap behind it, as in most of crictl's tables (cmd/crictl/display.go). */
const LAYOUT: TableLayout = {minWidth: 20, gap: 3}

/** What only text with characters of two units has. */
const SURROGATE = /[\ud800-\udfff]/

export interface TableLayout {
  readonly minWidth: number
  readonly gap: number
}

/**
 * Rows as crictl prints them (Go's text/tabwriter): every cell but the last of a row filled up to its column. A column is
 * as wide as its longest cell plus a gap, and no narrower than the least width. A character counts as one, however wide
 * the terminal draws it.
 *
 * @param rows the header first, all of one length; made safe for a terminal here. Taken one after the other and kept as
 *   text: thousands of rows of cells would take ten times the memory. No line is there before all rows are.
 */
export function* tableLines(rows: Iterable<readonly string[]>, {minWidth, gap}: TableLayout = LAYOUT): Generator<string> {
  const widths: number[] = []
  const lines: string[] = []
  for (const row of rows) {
    const cells = row.map(visible)
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? minWidth, characters(cell) + gap)
    // No cell has a tab any more.
    lines.push(cells.join('\t'))
  }
  for (const line of lines) yield `${aligned(line.split('\t'), widths)}\n`
}

/** The same as one text. */
export function renderTable(rows: Iterable<readonly string[]>, layout?: TableLayout): string {
  return tableLines(rows, layout).toArray().join('')
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, column) => (column === cells.length - 1 ? cell : filled(cell, widths[column] ?? 0))).join('')
}

function filled(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - characters(cell)))
}

function characters(text: string): number {
  if (!SURROGATE.test(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}
