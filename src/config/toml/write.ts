// SPDX-License-Identifier: Apache-2.0
import type {TomlPath} from './value.ts'

/** Values that edits write. */
export type NewValue = string | number | boolean | readonly string[]

export type QuoteStyle = '"' | "'"

/** A key as TOML: bare where it can be, else in quotes of the style, where these can hold it. */
export function writeKey(key: string, style: QuoteStyle): string {
  if (/^[A-Za-z0-9_-]+$/.test(key)) return key
  return quoted(key, style)
}

export function writeKeys(path: TomlPath, style: QuoteStyle): string {
  return path.map((key) => writeKey(key, style)).join('.')
}

/** A value as TOML, on one line. */
export function writeValue(value: NewValue, style: QuoteStyle): string {
  if (typeof value === 'string') return quoted(value, style)
  if (typeof value === 'object') return `[${value.map((member) => quoted(member, style)).join(', ')}]`
  return String(value)
}

function quoted(text: string, style: QuoteStyle): string {
  // literal texts have no escapes: no quote and no control character can be in them
  if (style === "'" && /^[^'\u0000-\u0008\u000A-\u001F\u007F]*$/.test(text)) return `'${text}'`
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007F', String.raw`\u007F`)
}
