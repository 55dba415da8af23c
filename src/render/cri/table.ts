// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Least width of a column and the gap behind it, as in most of crictl's tables (cmd/crictl/display.go). */
const LAYOUT: TableLayout = {minWidth: 20, gap: 3}

export interface TableLayout {
  readonly minWidth: number
  readonly gap: number
}

/**
 * Rows as crictl prints them (Go's text/tabwriter): every cell but the last of a row filled up to its column. A column is
 * as wide as its longest cell plus a gap, and no narrower than the least width. A character counts as one, however wide
 * the terminal draws it.
 *
 * @param rows the header first, all of one length; made safe for a terminal here
 */
export function renderTable(rows: readonly (readonly string[])[], {minWidth, gap}: TableLayout = LAYOUT): string {
  const safe = rows.map((row) => row.map(visible))
  const widths = (safe[0] ?? []).map(() => minWidth)
  // No Math.max(...): there can be more rows than a call takes arguments.
  for (const row of safe) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, characters(cell) + gap)
  return safe.map((row) => `${row.map((cell, column) => (column === row.length - 1 ? cell : filled(cell, widths[column] ?? 0))).join('')}\n`).join('')
}

function filled(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - characters(cell)))
}

function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
