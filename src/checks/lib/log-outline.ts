// SPDX-License-Identifier: Apache-2.0
import type {ConfigLine} from './log-lines.ts'

/** A line `key: value` of YAML, block style, and where it is. Also right for templates that are no YAML yet. */
export interface OutlineKey {
  readonly key: string
  /** without quotes; empty where the value follows on the next lines */
  readonly value: string
  readonly line: ConfigLine
  /** keys above it, outermost first */
  readonly path: readonly string[]
  /** numbers of the list items it is in, outermost first */
  readonly items: readonly number[]
  /** its place in the outline */
  readonly index: number
}

interface Open {
  readonly indent: number
  readonly key?: string
  readonly item?: number
}

const DEEPEST = 60

/**
 * The keys of a YAML text by indentation, without parsing it: templated values and block scalars that hold YAML are read like the rest. Values
 * in flow style (`{a: b}`) stay whole. A list item without key (`- /var/log`) has the key ''.
 */
export function outlineOf(lines: readonly ConfigLine[]): readonly OutlineKey[] {
  const keys: OutlineKey[] = []
  const stack: Open[] = []
  let items = 0
  const closeFrom = (indent: number) => {
    while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop()
  }
  for (const line of lines) {
    let [indent, rest] = [line.indent, line.text]
    for (let dash = /^-(?:\s+|$)/.exec(rest); dash !== null; dash = /^-(?:\s+|$)/.exec(rest)) {
      // a list may be as far left as the key it belongs to
      closeFrom(indent + 1)
      if (stack.at(-1)?.item !== undefined && stack.at(-1)?.indent === indent) stack.pop()
      if (stack.length < DEEPEST) stack.push({indent, item: ++items})
      indent += dash[0].length
      rest = rest.slice(dash[0].length)
    }
    const found = /^(["']?)([\w.@/$-]+)\1\s*:(?:\s+(.*))?$/.exec(rest)
    if (found !== null) closeFrom(indent)
    keys.push({
      index: keys.length, key: found?.[2] ?? '', value: plain(found === null ? rest : found[3] ?? ''), line,
      path: stack.flatMap(({key}) => key ?? []), items: stack.flatMap(({item}) => item ?? []),
    })
    if (found?.[2] !== undefined && stack.length < DEEPEST) stack.push({indent, key: found[2]})
  }
  return keys
}

/** Without a comment behind it, a comma of JSON, and quotes. */
function plain(value: string): string {
  return value.replace(/\s+#.*$/, '').replace(/,$/, '').trim().replace(/^(["'])(.*)\1$/, '$2')
}

/** The keys of the innermost list item that a key is in, itself included; those of the whole text where it is in none. */
export function sameItem(outline: readonly OutlineKey[], {items, index}: Pick<OutlineKey, 'items' | 'index'>): readonly OutlineKey[] {
  const own = items.at(-1)
  if (own === undefined) return outline
  const isIn = (at: number) => outline[at]?.items.includes(own) === true
  let [start, end] = [index, index]
  while (isIn(start - 1)) start--
  while (isIn(end)) end++
  return outline.slice(start, end)
}
