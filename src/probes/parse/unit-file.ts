// SPDX-License-Identifier: Apache-2.0
import type {Setting} from '../../model/facts.ts'
import {emptyMap} from './untrusted.ts'

export interface UnitLine {
  readonly section: string
  readonly key: string
  readonly value: string
  /** of its first line, from 1 */
  readonly line: number
}

/**
 * Reads the assignments of a systemd unit file in order (systemd.syntax(7)). A backslash at the end joins a line with the
 * next one, with a blank between; comment lines in between are skipped. Lines outside a section or without `=` are left out.
 */
export function parseUnitFile(text: string): readonly UnitLine[] {
  const assignments: UnitLine[] = []
  let section = ''
  for (const {text: line, number} of logicalLines(text)) {
    const header = /^\[([^\]]*)\]\s*$/.exec(line)
    const equals = line.indexOf('=')
    if (header !== null) section = header[1] ?? ''
    else if (section !== '' && equals > 0) {
      assignments.push({section, key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim(), line: number})
    }
  }
  return assignments
}

function logicalLines(text: string): readonly {text: string; number: number}[] {
  const lines: {text: string; number: number}[] = []
  let open: {text: string; number: number} | undefined
  for (const [index, physical] of text.split('\n').entries()) {
    if (/^\s*[#;]/.test(physical) || (open === undefined && physical.trim() === '')) continue
    const continued = physical.endsWith('\\')
    const part = continued ? physical.slice(0, -1) : physical
    open = open === undefined ? {text: part.trimStart(), number: index + 1} : {...open, text: `${open.text} ${part.trimStart()}`}
    if (continued) continue
    lines.push(open)
    open = undefined
  }
  return open === undefined ? lines : [...lines, open]
}

/**
 * Puts a unit file and its drop-ins together, in the order systemd reads them: `Section.Key` → every value with `file:line`.
 * An empty assignment clears what was set before.
 */
export function mergeUnitFiles(
  files: readonly {readonly path: string; readonly text: string}[],
): Readonly<Record<string, readonly Setting[]>> {
  const settings = emptyMap<Setting[]>()
  for (const {path, text} of files) {
    for (const {section, key, value, line} of parseUnitFile(text)) {
      const name = `${section}.${key}`
      if (value === '') settings[name] = []
      else (settings[name] ??= []).push({value, source: `${path}:${line}`})
    }
  }
  return settings
}
