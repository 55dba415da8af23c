// SPDX-License-Identifier: Apache-2.0
import type {Region} from './words.ts'

/** An assignment of a file of `NAME=value` lines. `region`: inside its quotes; undefined where parts of it are quoted and others not. */
export interface Assignment {
  readonly name: string
  readonly region?: Region
}

/** The assignments of an environment file (systemd.exec(5), EnvironmentFile=), where their values stand. */
export function assignmentsIn(text: string): readonly Assignment[] {
  const found: Assignment[] = []
  let at = 0
  while (at < text.length) {
    const line = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*/.exec(text.slice(at, at + 4096))
    if (line === null || /^[ \t]*[#;]/.test(line[0])) {
      at = endOfLine(text, at) + 1
      continue
    }
    const {region, next} = valueAt(text, at + line[0].length)
    found.push({name: line[1] ?? '', ...(region !== undefined && {region})})
    at = next
  }
  return found
}

function valueAt(text: string, start: number): {region?: Region; next: number} {
  const first = text.charAt(start)
  if (first !== '"' && first !== "'") {
    const end = endOfLogicalLine(text, start)
    const value = text.slice(start, end).trimEnd()
    return {region: {start, end: start + value.length, quote: ''}, next: end + 1}
  }
  const close = closingQuote(text, start)
  const end = endOfLogicalLine(text, close === -1 ? start : close)
  if (close === -1 || text.slice(close + 1, end).trim() !== '') return {next: end + 1}
  return {region: {start: start + 1, end: close, quote: first}, next: end + 1}
}

function closingQuote(text: string, start: number): number {
  const quote = text.charAt(start)
  for (let i = start + 1; i < text.length; i++) {
    if (text.charAt(i) === '\\' && quote === '"') i++
    else if (text.charAt(i) === quote) return i
  }
  return -1
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

/** A backslash at the end of a line joins it with the next one. */
function endOfLogicalLine(text: string, at: number): number {
  let end = endOfLine(text, at)
  while (end < text.length && text.charAt(end - 1) === '\\') end = endOfLine(text, end + 1)
  return end
}
