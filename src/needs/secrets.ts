// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject} from '../model/json.ts'

const HIDDEN = '…'
const SECRET = /pass(?:word|wd|phrase)?$|secret|token|credential|api-?key|access-?key|^auths?$/i

/** A value without what a name of it says is secret, and without the user of a URL: it is printed in plans. */
export function withoutSecrets(name: string, value: Json): Json {
  if (SECRET.test(name)) return HIDDEN
  if (typeof value === 'string') return withoutUsers(value)
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => withoutSecrets('', one))
  if (typeof value !== 'object' || value === null) return value
  const clean = Object.create(null) as Record<string, Json>
  for (const [key, member] of Object.entries(value as JsonObject)) clean[key] = withoutSecrets(key, member)
  return clean
}

/** `http://user:word@proxy` → `http://…@proxy`; of `splunk-token=abc` what is behind the sign. */
export function withoutUsers(text: string): string {
  const assigned = /^([\w.-]+)=/.exec(text)?.[1]
  if (assigned !== undefined && SECRET.test(assigned)) return `${assigned}=${HIDDEN}`
  return text.replace(/:\/\/[^\s/@"']*(?:@[^\s/@"']*)*@/g, `://${HIDDEN}@`)
}
