// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject} from '../model/json.ts'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of what may be anything; undefined where it is no object or has none of its own. */
function at(value: unknown, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export function stringAt(value: unknown, key: string): string | undefined {
  const member = at(value, key)
  return typeof member === 'string' ? member : undefined
}

export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const member = at(value, key)
  return isObject(member) ? member : undefined
}

export function arrayAt(value: unknown, key: string): readonly Json[] {
  const member = at(value, key)
  return Array.isArray(member) ? (member as readonly Json[]) : []
}

/** The texts of a list; a single text counts as a list of one. */
export function stringsAt(value: unknown, key: string): readonly string[] {
  const member = at(value, key)
  if (typeof member === 'string') return [member]
  return arrayAt(value, key).filter((item) => typeof item === 'string')
}
