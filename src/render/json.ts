// SPDX-License-Identifier: Apache-2.0
import type {InspectReport} from '../model/chain.ts'
import {document, UNSEEN} from './document.ts'

/**
 * The report as JSON: 2 spaces, keys in a fixed order, a newline at the end. Shape: schemas/inspect-report.schema.json.
 * Control characters are escaped, also those that JSON lets pass but a terminal obeys (DEL, C1).
 */
export function renderJson(report: InspectReport): string {
  return `${JSON.stringify(document(report), null, 2).replace(UNSEEN, escaped)}\n`
}

/** JSON has no escape for a code point above U+FFFF: its two halves are escaped. */
function escaped(character: string): string {
  return character.split('').map((unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('')
}
