// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {jsonItem, jsonItems, jsonText} from '../../../../src/render/cri/document.ts'

const ITEMS = [{a: [], b: {c: 'one\ntwo'}}, 'x', 7, null, {}]

test('items that were made text one by one are the array', () => {
  for (let length = 1; length <= ITEMS.length; length++) {
    const items = ITEMS.slice(0, length)
    expect(`[\n${items.map(jsonItem).join(',\n')}\n]\n`).toBe(jsonText(items))
  }
})

test('items inside a document are deeper by two', () => {
  expect(`{\n  "items": [\n${jsonItems(ITEMS)}\n  ]\n}\n`).toBe(jsonText({items: ITEMS}))
})

test('what could drive or fool a terminal is escaped, also above U+FFFF', () => {
  const text = 'a\u009bb\u202e\u{e0041}'
  expect(jsonItem(text)).toBe(String.raw`  "a\u009bb\u202e\udb40\udc41"`)
  expect(JSON.parse(jsonText(text))).toBe(text)
})
