// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {DocumentSplitter, LONGEST_DOCUMENT, type Part} from '../../../src/manifests/split.ts'

function split(pieces: readonly string[]): readonly Part[] {
  const splitter = new DocumentSplitter()
  return [...pieces.flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()]
}

describe('the documents of a text', () => {
  test('keep their marker and know the lines before them', () => {
    expect(split(['a\n---\nb\n--- c\n...\nd'])).toEqual([{text: 'a\n', line: 0}, {text: '---\nb\n', line: 1}, {text: '--- c\n', line: 3}, {text: '\nd', line: 4}])
  })

  test('are the same however the text is cut into pieces', () => {
    const word = fc.constantFrom('---', '...', '\n', '\r\n', '-', ' ', 'a', '----', '--- #x', '\n---\n')
    fc.assert(fc.property(fc.array(fc.array(word, {maxLength: 8}).map((words) => words.join('')), {maxLength: 8}), (pieces) => {
      expect(split(pieces)).toEqual(split([pieces.join('')]))
    }), {numRuns: 1000})
  })

  test('lose nothing but the marker that ends one', () => {
    const word = fc.constantFrom('---', '\n', ' ', 'a', '--- #x', '\n---\n')
    fc.assert(fc.property(fc.array(word, {maxLength: 30}).map((words) => words.join('')), (text) => {
      const parts = split([text])
      expect(parts.map((part) => part.text).join('')).toBe(text)
      let lines = 0
      for (const part of parts) {
        expect(part.line).toBe(lines)
        lines += (part.text ?? '').split('\n').length - 1
      }
    }))
  })

  test('are not kept where they are too long, be it in lines or in one', () => {
    const half = 'a: 1\n'.repeat(LONGEST_DOCUMENT / 10)
    const line = 'x'.repeat(LONGEST_DOCUMENT)
    expect(split([half, half, half, '---\nb\n'])).toEqual([{text: undefined, line: 0}, {text: '---\nb\n', line: 3 * (LONGEST_DOCUMENT / 10 | 0)}])
    expect(split([line, line, '---\nb\n', '---\nc'])).toEqual([{text: undefined, line: 0}, {text: '---\nc', line: 2}])
  })
})
