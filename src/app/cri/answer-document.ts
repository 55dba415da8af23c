// SPDX-License-Identifier: Apache-2.0

export type JsonObject = Record<string, unknown>

/** crictl's document of an answer: the JSON of what was asked for, beside what the runtime adds when asked for more. */
export function documentOf(status: unknown, info: ReadonlyMap<string, string>): JsonObject {
  return {...(status !== undefined && {status}), ...parsedInfo(info)}
}

/**
 * The values of `info`: those that are JSON objects as such, others as text without the quotes around it. One that only
 * begins like an object stays text, where crictl fails.
 */
export function parsedInfo(info: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries([...info].map(([key, value]) => [key, parsedValue(value)]))
}

function parsedValue(value: string): unknown {
  if (!value.startsWith('{')) return value.replace(/^"+|"+$/g, '')
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/**
 * JSON of a message with null for what is not set.
 *
 * @param fields those that crictl shows then (cmd/crictl/util.go, marshalMapInOrder)
 */
export function filledUp(json: unknown, fields: readonly string[]): JsonObject {
  return {...Object.fromEntries(fields.map((field) => [field, null])), ...(json as JsonObject)}
}
