// SPDX-License-Identifier: Apache-2.0
import {type Document, dump, SCALAR_STYLE, visit} from 'js-yaml'
import {UNSEEN} from '../document.ts'
import {visible} from '../visible.ts'

/** YAML of an answer, without anchors and folded lines; what could drive a terminal is escaped. */
export function yamlText(document: unknown): string {
  return dump(document, {noRefs: true, lineWidth: -1, transform: quoteUnseen}).replace(UNSEEN, escaped)
}

/** Only double-quoted text can hold escapes. Line ends are no danger: several lines stay a block. */
function quoteUnseen(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === 'scalar' && visible(node.value.replaceAll('\n', '')) !== node.value.replaceAll('\n', '')) node.style = SCALAR_STYLE.DOUBLE_QUOTED
  })
}

function escaped(character: string): string {
  return String.raw`\U` + character.codePointAt(0)!.toString(16).padStart(8, '0')
}
