// SPDX-License-Identifier: Apache-2.0
import {parse, TomlDate} from 'smol-toml'

/** Keys from the root of a document to a table or value. */
export type TomlPath = readonly string[]

export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable

/** Has no prototype, so that `__proto__` is a key like any other. */
export interface TomlTable {
  readonly [key: string]: TomlValue
}

/** Deeper than any real configuration; whatever walks a value by recursion is safe below it. */
const DEEPEST = 60

/** Reads TOML into tables without prototype. @throws with line and column where it is none, or where it is nested without end */
export function parseTomlText(text: string): TomlTable {
  return plain(parse(text, {integersAsBigInt: 'asNeeded', maxDepth: DEEPEST}), 0) as TomlTable
}

function plain(value: unknown, depth: number): TomlValue {
  if (depth > DEEPEST) throw new Error(`nested deeper than ${DEEPEST} levels`)
  if (Array.isArray(value)) return value.map((member) => plain(member, depth + 1))
  if (typeof value !== 'object' || value === null || value instanceof TomlDate) return value as TomlValue
  const table = Object.create(null) as Record<string, TomlValue>
  for (const [key, member] of Object.entries(value)) table[key] = plain(member, depth + 1)
  return table
}

export function isTomlTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate)
}

/** The value below a path; undefined as soon as a key is missing. */
export function tomlAt(value: TomlValue | undefined, path: TomlPath): TomlValue | undefined {
  let here = value
  for (const key of path) here = isTomlTable(here) && Object.hasOwn(here, key) ? here[key] : undefined
  return here
}

/** The table below a path; an empty one where there is none. */
export function tomlTableAt(value: TomlValue | undefined, path: TomlPath): TomlTable {
  const found = tomlAt(value, path)
  return isTomlTable(found) ? found : (Object.create(null) as TomlTable)
}

/** A text below a path, unless it is empty. */
export function tomlTextAt(value: TomlValue | undefined, path: TomlPath): string | undefined {
  const found = tomlAt(value, path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The texts of a list below a path. */
export function tomlTextsAt(value: TomlValue | undefined, path: TomlPath): readonly string[] {
  const found = tomlAt(value, path)
  return Array.isArray(found) ? (found as readonly TomlValue[]).filter((one) => typeof one === 'string') : []
}

/** The table with another value below a path; undefined takes the key away. Whatever is in the way is replaced. */
export function tomlWith(table: TomlTable, path: TomlPath, value: TomlValue | undefined): TomlTable {
  const [key, ...rest] = path
  if (key === undefined) return table
  const copy = Object.assign(Object.create(null) as Record<string, TomlValue>, table)
  const below = copy[key]
  if (rest.length > 0) {
    if (value === undefined && !isTomlTable(below)) return table
    copy[key] = tomlWith(isTomlTable(below) ? below : (Object.create(null) as TomlTable), rest, value)
  } else if (value === undefined) {
    delete copy[key]
  } else {
    copy[key] = value
  }
  return copy
}

/** Whether two values mean the same. Empty tables count: to containerd a table that is there may differ from none. */
export function sameToml(one: TomlValue | undefined, other: TomlValue | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((member, index) => sameToml(member as TomlValue, other[index] as TomlValue))
  }
  if (one instanceof TomlDate && other instanceof TomlDate) return one.toISOString() === other.toISOString()
  if (!isTomlTable(one) || !isTomlTable(other)) return Object.is(one, other)
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && sameToml(one[key], other[key]))
}

/** A value in words, for a sentence: short, on one line. */
export function shownToml(value: TomlValue | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member)) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

export function startsWith(path: TomlPath, prefix: TomlPath): boolean {
  return prefix.length <= path.length && prefix.every((key, index) => path[index] === key)
}

export function samePath(one: TomlPath, other: TomlPath): boolean {
  return one.length === other.length && startsWith(one, other)
}
