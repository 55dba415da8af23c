// SPDX-License-Identifier: Apache-2.0

const MOST_KEYS = 5000
const HEADER = /^\s*\[\[?/

/**
 * The line of each table and key of a TOML text that parses, from 1, by the JSON text of its path. Of a table that is written twice
 * the first line counts. Keys within inline tables, and lines within multi-line texts that look like keys, are not told apart: this is
 * for pointing at a line, not for reading values.
 */
export function tomlKeyLines(text: string): Readonly<Record<string, number>> {
  const lines = Object.create(null) as Record<string, number>
  let table: readonly string[] = []
  let count = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (count >= MOST_KEYS) break
    const header = HEADER.exec(line)
    const read = keysAt(line, header?.[0].length ?? 0)
    if (read === undefined) continue
    const {keys, end} = read
    const next = line.slice(end).trimStart().charAt(0)
    if (header !== null && next === ']') table = keys
    else if (header !== null || next !== '=') continue
    const path = header === null ? [...table, ...keys] : keys
    lines[JSON.stringify(path)] ??= index + 1
    count++
  }
  return lines
}

/** A dotted key: bare parts, and parts in either kind of quotes. */
function keysAt(line: string, from: number): {readonly keys: readonly string[]; readonly end: number} | undefined {
  const keys: string[] = []
  const part = /[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*/y
  for (let at = from; ; at++) {
    part.lastIndex = at
    const found = part.exec(line)
    if (found === null) return undefined
    const [, bare, quoted, literal] = found
    keys.push(bare ?? literal ?? unescaped(quoted ?? ''))
    at = part.lastIndex
    if (line.charAt(at) !== '.') return {keys, end: at}
  }
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(`"${quoted}"`))
  } catch {
    return quoted
  }
}
