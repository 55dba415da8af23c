// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** Cuts text into lines of at most `width` characters, at blanks; a longer word stands alone and whole. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** A paragraph with a mark in front: `! text`, the following lines indented under the text. */
export function item(mark: string, text: string, width: number): readonly string[] {
  const lines = wrapped(visible(text), width - mark.length)
  return lines.map((line, index) => `${index === 0 ? mark : ' '.repeat(mark.length)}${line}`)
}

/** Left and right text on one line of `width`; the right one goes under the left where both do not fit. */
export function spread(left: string, right: string, width: number): readonly {readonly left: string; readonly right: string}[] {
  if (right === '') return [{left, right: ''}]
  const gap = width - left.length - right.length
  if (gap >= 2) return [{left: left + ' '.repeat(gap), right}]
  return [{left, right: ''}, ...wrapped(right, width - 4).map((line) => ({left: ' '.repeat(Math.max(4, width - line.length)), right: line}))]
}

/** `1 container`, `2 containers`. */
export function count(number: number, word: string, many = `${word}s`): string {
  return `${number} ${number === 1 ? word : many}`
}
