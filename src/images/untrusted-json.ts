// SPDX-License-Identifier: Apache-2.0
// What a daemon or an archive says, in JSON: read without trust in its types.

/** The value under keys; undefined where there is none. Keys that every object inherits are none. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let inner = value
  for (const key of keys) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined
    inner = (inner as Record<string, unknown>)[key]
  }
  return inner
}

/** The text under keys; empty where there is none. */
export function text(value: unknown, ...keys: readonly string[]): string {
  const inner = at(value, ...keys)
  return typeof inner === 'string' ? inner : ''
}

/** The whole number from 0 on under keys; 0 where there is none. */
export function count(value: unknown, ...keys: readonly string[]): number {
  const inner = at(value, ...keys)
  return typeof inner === 'number' && Number.isSafeInteger(inner) && inner > 0 ? inner : 0
}

/** The members of the list under keys; none where there is no list. */
export function list(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const inner = at(value, ...keys)
  return Array.isArray(inner) ? inner : []
}

/** The texts in the list under keys. */
export function texts(value: unknown, ...keys: readonly string[]): readonly string[] {
  return list(value, ...keys).filter((member) => typeof member === 'string')
}

const DIGEST = /^sha256:[0-9a-f]{64}$/

/** Whether a text is a digest as all of these stores write it. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}
