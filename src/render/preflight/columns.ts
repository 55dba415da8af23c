// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Ideographs, syllables of Hangul, full-width forms and emoji: two columns each (Unicode's East Asian Width W and F, the large blocks). */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
/** Marks that sit on the character before them. */
const NONE = /\p{Mn}|\p{Me}/u

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

function columnsOfCharacter(character: string): number {
  if (character < '\u0300') return 1
  if (NONE.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** Text of a host made safe, cut to `width` columns and filled up to them. */
export function cell(text: string, width: number): string {
  const safe = fitted(visible(text), width)
  return safe + ' '.repeat(width - columnsOf(safe))
}

/** Safe text of at most `width` columns: what is too long loses its end, for an ellipsis. */
export function fitted(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  let [kept, used] = ['', 0]
  for (const character of text) {
    used += columnsOfCharacter(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** Cuts safe text into lines of at most `width` columns, at blanks; a word longer than a line stands alone and whole. */
export function wrappedColumns(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let [line, used] = ['', 0]
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const length = columnsOf(word)
    if (line !== '' && used + 1 + length > width) {
      lines.push(line)
      ;[line, used] = ['', 0]
    }
    ;[line, used] = line === '' ? [word, length] : [`${line} ${word}`, used + 1 + length]
  }
  return line === '' ? lines : [...lines, line]
}
