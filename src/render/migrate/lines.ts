// SPDX-License-Identifier: Apache-2.0
import {columnsOf, wrappedColumns} from '../preflight/columns.ts'
import {visible} from '../visible.ts'

/**
 * Text with a mark in front, made safe, wrapped and indented below the mark. A line end in it is shown as `\n`: what a host says cannot
 * begin a line.
 *
 * @param indent columns of the mark, where it has colour
 */
export function paragraph(mark: string, text: string, width: number, indent = columnsOf(mark)): readonly string[] {
  return wrappedColumns(visible(text), width - indent).map((line, index) => (index === 0 ? mark : ' '.repeat(indent)) + line)
}

/** Advice may have lines of its own; those that are indented, a stanza or a command, stay whole. */
export function advice(mark: string, text: string, width: number, indent = columnsOf(mark)): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '').flatMap((line) => {
    const safe = visible(line)
    return safe.startsWith(' ') ? [safe] : wrappedColumns(safe, width - indent)
  })
  return lines.map((line, index) => (index === 0 ? mark : ' '.repeat(indent)) + line)
}
