// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Least width of a column and the gap behind it, as in crictl's tables (cmd/crictl/display.go). */
const MIN_WIDTH = 20
const PADDING = 3

/**
 * Rows as crictl prints them: every cell but the last of a row filled up to its column. A column is as wide as its longest
 * cell plus a gap, and no narrower than 20.
 *
 * @param rows the header first; made safe for a terminal here
 */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(visible))
  const widths = (safe[0] ?? []).map((_, column) => Math.max(MIN_WIDTH, ...safe.map((row) => (row[column]?.length ?? 0) + PADDING)))
  return safe.map((row) => `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('')}\n`).join('')
}
