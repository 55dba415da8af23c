// SPDX-License-Identifier: Apache-2.0
import {UNSEEN} from '../document.ts'

/** JSON of an answer, as safe for a terminal as JSON.stringify leaves it not: what it does not escape is escaped. */
export function jsonText(document: unknown): string {
  return `${stringify(document)}\n`
}

/** JSON of one item of an array that is all of an answer, without a line's end. */
export function jsonItem(item: unknown): string {
  return stringify([item]).slice('[\n'.length, -'\n]'.length)
}

/** JSON of items inside an array two levels deep, without the brackets and the line's end. */
export function jsonItems(items: readonly unknown[]): string {
  return stringify(items).slice('[\n'.length, -'\n]'.length).replaceAll(/^/gm, '  ')
}

function stringify(document: unknown): string {
  return JSON.stringify(document, null, 2).replace(UNSEEN, escaped)
}

/** JSON has no escape for a code point above U+FFFF: its two halves are escaped. */
function escaped(character: string): string {
  return character.split('').map((unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('')
}
