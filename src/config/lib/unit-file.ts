// SPDX-License-Identifier: Apache-2.0
import type {TargetFiles} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'
import type {Editable} from './edits.ts'
import {existingAt, matchesOf, unreadableRemark} from './existing.ts'
import {type Region, wordsIn} from './words.ts'

/** Where units of the system manager lie, the first place wins (systemd.unit(5)). */
const PLACES = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system']
const OWN_PLACE = '/etc/systemd/system'

/** An assignment of a unit file, where its value stands: without the blanks around it. */
export interface UnitLine {
  readonly section: string
  readonly key: string
  /** from the first character of the key to behind the line feed */
  readonly whole: {readonly start: number; readonly end: number}
  readonly value: Region
}

/** The assignments of a unit file in order (systemd.syntax(7)): a backslash at the end joins lines, comments in between are skipped. */
export function unitLines(text: string): readonly UnitLine[] {
  const lines: UnitLine[] = []
  let section = ''
  let at = 0
  while (at < text.length) {
    const end = endOfLogicalLine(text, at)
    const line = text.slice(at, end)
    const header = /^\s*\[([^\]\n]*)\]\s*$/.exec(line)
    const assignment = /^([ \t]*([A-Za-z][\w-]*)[ \t]*=[ \t]*)/.exec(line)
    if (header !== null) section = header[1] ?? ''
    else if (assignment !== null && section !== '') {
      const start = at + assignment[0].length
      const value = text.slice(start, end).trimEnd()
      lines.push({section, key: assignment[2] ?? '', whole: {start: at, end: Math.min(end + 1, text.length)}, value: {start, end: start + value.length, quote: ''}})
    }
    at = end + 1
  }
  return lines
}

function endOfLogicalLine(text: string, start: number): number {
  let at = start
  let goesOn = false
  for (;;) {
    const end = text.indexOf('\n', at)
    if (end === -1) return text.length
    const line = text.slice(at, end)
    const isComment = /^\s*[#;]/.test(line)
    if (isComment && !goesOn) return end
    // a comment between joined lines does not end them
    if (!isComment) goesOn = line.endsWith('\\')
    if (!goesOn) return end
    at = end + 1
  }
}

/** The values of variables that an `Environment=` line sets, inside their quotes. */
export function environmentRegions(text: string, line: UnitLine): readonly {readonly name: string; readonly region: Region}[] {
  return wordsIn(text, line.value).flatMap(({start, end, raw}): readonly {readonly name: string; readonly region: Region}[] => {
    const head = /^(["']?)([A-Za-z_]\w*)=(["']?)/.exec(raw)
    if (head === null) return []
    const quote = (head[1] || head[3] || '') as Region['quote']
    if (quote === '') return [{name: head[2] ?? '', region: {start: start + head[0].length, end, quote}}]
    if (raw.length <= head[0].length || !raw.endsWith(quote)) return []
    return [{name: head[2] ?? '', region: {start: start + head[0].length, end: end - 1, quote}}]
  })
}

/** A file of a unit as systemd takes it, the unit file itself or a drop-in. Changed, a package's gets a copy in /etc that comes before it. */
export type UnitPart = Editable

/** The paths and patterns by which {@link effectiveUnit} finds a unit. */
export function unitPaths(name: string): {readonly files: readonly string[]; readonly patterns: readonly string[]} {
  return {files: PLACES.map((place) => `${place}/${name}`), patterns: PLACES.map((place) => `${place}/${name}.d/*.conf`)}
}

/** The files of a unit that count: of two with the same name that of the higher place, drop-ins in the order of their names. */
export function effectiveUnit(files: TargetFiles, name: string): {readonly parts: readonly UnitPart[]; readonly remarks: readonly Remark[]} {
  const remarks: Remark[] = []
  const byName = new Map<string, string>()
  for (const place of PLACES) {
    if (!byName.has('') && existingAt(files, `${place}/${name}`).state !== 'absent') byName.set('', `${place}/${name}`)
    const found = matchesOf(files, `${place}/${name}.d/*.conf`)
    remarks.push(...found.remarks)
    for (const path of found.paths) {
      const base = path.slice(path.lastIndexOf('/') + 1)
      if (!byName.has(base)) byName.set(base, path)
    }
  }
  const parts = [...byName.keys()].sort().flatMap((key): readonly UnitPart[] => {
    const path = byName.get(key) ?? ''
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') remarks.push(unreadableRemark(path, existing))
    return existing.state === 'ok' ? [{path, text: existing.text, mode: existing.mode, writePath: writePathOf(path)}] : []
  })
  return {parts, remarks}
}

function writePathOf(path: string): string {
  const place = PLACES.find((candidate) => path.startsWith(`${candidate}/`)) ?? OWN_PLACE
  return `${OWN_PLACE}${path.slice(place.length)}`
}

/** The last values that count of a setting, over all parts: an empty assignment clears what was set before. */
export function unitValues(parts: readonly UnitPart[], section: string, key: string): readonly {readonly value: string; readonly part: UnitPart; readonly line: UnitLine}[] {
  let values: {value: string; part: UnitPart; line: UnitLine}[] = []
  for (const part of parts) {
    for (const line of unitLines(part.text)) {
      if (line.section !== section || line.key !== key) continue
      const value = part.text.slice(line.value.start, line.value.end)
      values = value === '' ? [] : [...values, {value, part, line}]
    }
  }
  return values
}
