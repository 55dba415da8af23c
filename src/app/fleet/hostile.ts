// SPDX-License-Identifier: Apache-2.0
// Members of JSON that a stranger wrote.

/** A member that is its own; undefined where there is none, or nothing that has members. */
export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined
}

/** A member that is a text. */
export function textOf(value: unknown, key: string): string | undefined {
  const found = memberOf(value, key)
  return typeof found === 'string' ? found : undefined
}

/** A member that is a list; an empty one where there is none. */
export function listOf(value: unknown, key: string): readonly unknown[] {
  const found = memberOf(value, key)
  return Array.isArray(found) ? (found as readonly unknown[]) : []
}
