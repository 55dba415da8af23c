// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {TextParts} from '../../../src/cli/text-parts.ts'

const PART_BYTES = 256 * 1024

test('the parts are the text, whatever its characters and the lengths of its pieces', () => {
  const text = new TextParts()
  const pieces = ['', 'a', 'é€😀'.repeat(20_000), 'b'.repeat(PART_BYTES - 1), 'c', '\u0000', '😀'.repeat(PART_BYTES), 'd'.repeat(3 * PART_BYTES), 'e']
  for (const piece of pieces) text.add(piece)
  expect(text.parts.length).toBeGreaterThan(3)
  expect(Buffer.concat(text.parts).toString() === pieces.join('')).toBe(true)
})

test('nothing is nothing', () => expect(Buffer.concat(new TextParts().parts)).toHaveLength(0))
