// SPDX-License-Identifier: Apache-2.0
import {valueAt} from './untrusted.ts'

/** The members of the list under a path of own keys; none when it is no list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** A number under a path of own keys. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

type Present<T> = {readonly [K in keyof T]?: Exclude<T[K], undefined>}

/** The object without the properties that are undefined: what `exactOptionalPropertyTypes` asks for. */
export function defined<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>
}
