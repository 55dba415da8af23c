// SPDX-License-Identifier: Apache-2.0
import type {InspectReport} from '../model/chain.ts'
import {document} from './document.ts'

/**
 * The report as JSON: 2 spaces, keys in a fixed order, a newline at the end. Shape: schemas/inspect-report.schema.json.
 * Control characters are escaped, also those that JSON lets pass but a terminal obeys (DEL, C1).
 */
export function renderJson(report: InspectReport): string {
  return `${JSON.stringify(document(report), null, 2).replace(UNSAFE_IN_JSON, escaped)}\n`
}

// JSON.stringify escapes C0 controls and lone surrogates, and leaves the rest of what visible.ts calls unsafe as it is
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

function escaped(character: string): string {
  return character.split('').map((unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('')
}
