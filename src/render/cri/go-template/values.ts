// SPDX-License-Identifier: Apache-2.0

/**
 * A value in a template. The numbers of the data are numbers here, whole numbers of the template are bigints: crictl
 * gives Go the data's numbers as text (json.Number), which is why `{{if .exitCode}}` is true for a 0.
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | {readonly [key: string]: Value}

/** What Go takes for true: what is not empty, zero or nil. */
export function isTrue(value: Value): boolean {
  if (typeof value === 'number') return true
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** The keys of an object as Go orders them. */
export function sortedKeys(value: {readonly [key: string]: Value}): readonly string[] {
  return Object.keys(value).toSorted((one, other) => (one < other ? -1 : 1))
}

/** What a kind of value is called in errors. */
export function kindOf(value: Value): string {
  if (value === null) return 'nil'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'bigint' || typeof value === 'number') return 'a number'
  return {string: 'a string', boolean: 'a boolean', object: 'an object'}[typeof value as 'string' | 'boolean' | 'object']
}

export function isObject(value: Value): value is {readonly [key: string]: Value} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as Go's %v prints it: `map[a:1 b:[x y]]`. */
export function goText(value: Value): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (isObject(value)) return `map[${sortedKeys(value).map((key) => `${key}:${goText(value[key] ?? null)}`).join(' ')}]`
  return `${value as string | number | bigint | boolean}`
}

/** A value as `{{ }}` prints it. */
export function printed(value: Value): string {
  return value === null ? '<no value>' : goText(value)
}
