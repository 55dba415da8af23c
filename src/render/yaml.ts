// SPDX-License-Identifier: Apache-2.0
import {type Document, dump, SCALAR_STYLE, visit} from 'js-yaml'
import type {InspectReport} from '../model/chain.ts'
import {document, UNSEEN} from './document.ts'
import {visible} from './visible.ts'

/**
 * The report as YAML 1.2: the data of `-o json` in the same order. No anchors, no folded lines; text that
 * another reader (YAML 1.1 too) would take for a number, a date or a boolean is quoted, and control characters
 * are escaped.
 */
export function renderYaml(report: InspectReport): string {
  return dump(document(report), {noRefs: true, lineWidth: -1, transform: quoteUnseen}).replace(UNSEEN, escaped)
}

/** Only double-quoted text can hold escapes. */
function quoteUnseen(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === 'scalar' && visible(node.value) !== node.value) node.style = SCALAR_STYLE.DOUBLE_QUOTED
  })
}

function escaped(character: string): string {
  return String.raw`\U` + character.codePointAt(0)!.toString(16).padStart(8, '0')
}
