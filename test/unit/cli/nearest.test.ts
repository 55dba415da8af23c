// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {nearest} from '../../../src/cli/nearest.ts'

const COMMANDS = ['completion', 'explain', 'inspect', 'snapshot']

describe('nearest', () => {
  test.each([
    ['a letter left out', 'inspct', ['inspect']],
    ['a letter too many', 'inspectt', ['inspect']],
    ['a wrong letter', 'inspekt', ['inspect']],
    ['two letters swapped', 'isnpect', ['inspect']],
    ['only the beginning', 'snap', ['snapshot']],
    ['something else', 'migrate', []],
    ['nothing alike', 'xyzzy', []],
  ])('%s: %s', (_, typed, meant) => {
    expect(nearest(typed, COMMANDS)).toEqual(meant)
  })

  test('the closest word comes first', () => {
    expect(nearest('abcdef', ['abcdxy', 'abcdeg', 'zzzzzz'])).toEqual(['abcdeg', 'abcdxy'])
  })

  test('a word is always its own nearest, among at most three', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1, maxLength: 12}), fc.array(fc.string({maxLength: 12})), (word, others) => {
        const answer = nearest(word, [word, ...others.filter((other) => !other.startsWith(word))])
        expect(answer[0]).toBe(word)
        expect(answer.length).toBeLessThanOrEqual(3)
      }),
    )
  })
})
