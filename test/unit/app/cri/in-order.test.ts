// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {inOrder} from '../../../../src/app/cri/in-order.ts'

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

test('results come in the order of the items, however long each takes', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(5), {maxLength: 80}), async (items) => {
    const work = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return ms
    }
    expect(await all(inOrder(items, work))).toEqual(items)
  }), {numRuns: 20})
})

test.each([{most: undefined, expected: 32}, {most: 64, expected: 64}])('never are more than $expected under way', async ({most: given, expected}) => {
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
  }
  await all(inOrder(Array.from({length: 100}), work, given))
  expect(most).toBe(expected)
})

test('the first error in order ends it, after the results before it; later ones are nobody\'s concern', async () => {
  const seen: number[] = []
  const walk = async () => {
    for await (const item of inOrder([0, 1, 2, 3], async (number) => number >= 2 ? Promise.reject(new Error(`no ${number}`)) : number)) seen.push(item)
  }
  await expect(walk()).rejects.toThrow('no 2')
  expect(seen).toEqual([0, 1])
})
