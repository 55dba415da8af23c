// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {renderTable} from '../../../../src/render/cri/table.ts'

test('a column is 20 wide, or 3 wider than its longest cell; the last is as wide as each cell', () => {
  expect(renderTable([['A', 'B', 'C'], ['x'.repeat(18), '', ''], ['', 'y', 'z']])).toBe(
    `A${' '.repeat(20)}B${' '.repeat(19)}C\n${'x'.repeat(18)}   ${' '.repeat(20)}\n${' '.repeat(21)}y${' '.repeat(19)}z\n`,
  )
})

test('characters count, not the halves that JavaScript has of some', () => {
  expect(renderTable([['😀ü', 'x']])).toBe(`😀ü${' '.repeat(18)}x\n`)
})

test('no cell can break its line or drive the terminal', () => {
  expect(renderTable([['a\nb', 'c\u001b[2J']])).toBe(`a\\nb${' '.repeat(16)}c\\x1b[2J\n`)
})

test('200,000 rows are no problem', () => {
  expect(renderTable(Array.from({length: 200_000}, () => ['a', 'b'])).length).toBe(200_000 * 22)
})
