// SPDX-License-Identifier: Apache-2.0

/** Keys deeper than this are not told. */
const DEEPEST = 2

/**
 * The lines, from 1, on which the keys of the upper two levels of a JSON object are written. Each is named by the JSON of its path:
 * `["runtimes","nvidia"]`. Of a key that is there twice the last counts, as for parsers. The text is read once, and need not be valid.
 */
export function jsonKeyLines(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  /** what is open: an object with its last key, or a list */
  const open: {key: string | undefined}[] = []
  let line = 1
  for (let at = 0; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '\n') line++
    else if (c === '{' || c === '[') open.push({key: c === '{' ? '' : undefined})
    else if (c === '}' || c === ']') open.pop()
    else if (c === '"') {
      const end = stringEnd(text, at)
      const here = open.at(-1)
      if (here?.key !== undefined && open.length <= DEEPEST && isKey(text, end)) {
        here.key = unquoted(text.slice(at, end))
        if (open.every(({key}) => key !== undefined)) found.set(JSON.stringify(open.map(({key}) => key)), line)
      }
      at = end - 1
    }
  }
  return found
}

/** The place after the closing quote; a string ends with its line at the latest. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '\\') at++
    else if (c === '"') return at + 1
    else if (c === '\n') return at
  }
  return text.length
}

function isKey(text: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++
  return text.charAt(at) === ':'
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
