// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject, JsonPath} from '../../model/json.ts'

/** A string of a tree, with its path from the root. */
export interface FoundString {
  readonly path: JsonPath
  readonly written: string
}

interface Search {
  /** what a member is worth: the rest of the path below the key, and the string; undefined to go on into it */
  pick(key: string, member: Json, siblings: JsonObject): {readonly below: JsonPath; readonly written: string} | undefined
  /** whether an object, which others look at, is left out with all that is in it */
  skip(members: JsonObject): boolean
}

const MAX_DEPTH = 30

/** Strings anywhere in untrusted JSON, down to 30 levels. */
export function* stringsFound(value: Json, search: Search, path: JsonPath = []): Generator<FoundString> {
  if (path.length > MAX_DEPTH || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [index, one] of (value as readonly Json[]).entries()) yield* stringsFound(one, search, [...path, index])
    return
  }
  if (search.skip(value as JsonObject)) return
  for (const [key, one] of Object.entries(value as JsonObject)) {
    const picked = search.pick(key, one, value as JsonObject)
    if (picked === undefined) yield* stringsFound(one, search, [...path, key])
    else yield {path: [...path, key, ...picked.below], written: picked.written}
  }
}

/**
 * `hostPath: {path: P}` of a volume, and `hostPath: P` as some charts and operators have it; not that of machines that are containers
 * themselves (kind) or of Mesos, which go by their `containerPath`.
 */
export function hostPathAt(key: string, member: Json, siblings: JsonObject): {readonly below: JsonPath; readonly written: string} | undefined {
  if (key !== 'hostPath') return undefined
  if (typeof member === 'string') return siblings['containerPath'] === undefined ? {below: [], written: member} : undefined
  const path = typeof member === 'object' && member !== null && !Array.isArray(member) ? (member as JsonObject)['path'] : undefined
  return typeof path === 'string' ? {below: ['path'], written: path} : undefined
}
