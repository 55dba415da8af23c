// SPDX-License-Identifier: Apache-2.0

/** Sizes of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

const HOME = '\u001b[H'
const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/**
 * A text drawn over the one before: every line is written over the old one and only its rest erased, so that nothing
 * flickers. Lines that are too long are cut, and so are lines below the last row, with a word on how many they are.
 *
 * @param text lines that are safe for a terminal
 */
export function renderFrame(text: string, {columns, rows}: TerminalSize): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const shown = lines.length > rows ? [...lines.slice(0, Math.max(0, rows - 1)), `… ${lines.length - rows + 1} more`] : lines
  return `${HOME}${shown.map((line) => line.slice(0, columns) + ERASE_LINE).join('\n')}${ERASE_BELOW}`
}
