// SPDX-License-Identifier: Apache-2.0

/** A JSON, YAML or TOML table of a host: any key may be there, `__proto__` too, so only own keys count. */
export type Table = Readonly<Record<string, unknown>>

/** The value as a table; undefined for everything else (lists, dates and null too). */
export function tableOf(value: unknown): Table | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) return undefined
  return value as Table
}

/** The value under a path of own keys; undefined as soon as one is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value
  for (const key of path) {
    const table = tableOf(here)
    if (table === undefined || !Object.hasOwn(table, key)) return undefined
    here = table[key]
  }
  return here
}

/** A non-empty string under a path of own keys. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** A boolean under a path of own keys. */
export function booleanAt(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

/** The strings of the list under a path of own keys; other members are left out. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found.filter((member) => typeof member === 'string') : []
}

/** The string values of the table under a path of own keys, in a map without prototype. */
export function stringMapAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const map = emptyMap<string>()
  for (const [key, member] of Object.entries(tableOf(valueAt(value, ...path)) ?? {})) {
    if (typeof member === 'string') map[key] = member
  }
  return map
}

/** A map for keys that come from a host: it has no prototype, so `__proto__` is a key like any other. */
export function emptyMap<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>
}

/** Parses JSON that must be an object. @throws where it is not */
export function parseJsonTable(text: string): Table {
  const table = tableOf(JSON.parse(text))
  if (table === undefined) throw new Error('not a JSON object')
  return table
}

/** Deeper than any real configuration; what walks a value by recursion is safe below it. */
const DEEPEST = 100

/** The table itself. @throws where something in it lies deeper than configurations do */
export function shallow(table: Table): Table {
  if (isDeep(table, 0)) throw new Error(`nested deeper than ${DEEPEST} levels`)
  return table
}

function isDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth > DEEPEST || Object.values(value).some((member) => isDeep(member, depth + 1))
}

/** The last part of a path or command: `runc` of `/usr/sbin/runc`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
