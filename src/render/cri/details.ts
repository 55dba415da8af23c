// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Characters of an id that crictl's tables show (cmd/crictl/util.go). */
const SHORT_ID = 13

/** The beginning of an id, without what stands before it. */
export function shortId(id: string, prefix = ''): string {
  return (prefix !== '' && id.startsWith(prefix) ? id.slice(prefix.length) : id).slice(0, SHORT_ID)
}

/** A line of one thing's details: a name and what it is; undefined where crictl leaves the line out. */
export type Detail = readonly [name: string, value: string | number | boolean] | undefined

/** Lines of details, safe for a terminal. */
export function detailLines(details: readonly Detail[]): string {
  return details.filter((detail) => detail !== undefined).map(([name, value]) => `${name}: ${visible(String(value))}\n`).join('')
}

/** Labels or annotations below their title, in the order of their keys; nothing where there are none. */
export function pairLines(title: string, pairs: ReadonlyMap<string, string>): string {
  if (pairs.size === 0) return ''
  return `${title}:\n${sorted(pairs).map(([key, value]) => `\t${visible(key)} -> ${visible(value)}\n`).join('')}`
}

/** A map as Go prints one: `map[key:value key:value]`. */
export function goMap(pairs: ReadonlyMap<string, string>): string {
  return `map[${sorted(pairs).map(([key, value]) => `${key}:${value}`).join(' ')}]`
}

function sorted(pairs: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...pairs].toSorted(([one], [other]) => (one < other ? -1 : 1))
}
