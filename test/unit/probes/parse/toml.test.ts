// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseToml} from '../../../../src/probes/parse/toml.ts'

describe('parseToml', () => {
  it('reads numbers that JavaScript cannot hold exactly', () => {
    expect(parseToml('a = 9223372036854775807\nb = 1')).toEqual({a: 9223372036854775807n, b: 1})
  })

  it.each([['brackets', `a = ${'['.repeat(100_000)}`], ['a dotted key', `${'a.'.repeat(20_000)}b = 1`], ['nonsense', 'a ='], ['a key twice', 'a=1\na=2']])('refuses %s', (_, text) => {
    expect(() => parseToml(text)).toThrow(Error)
  })

  it('gives a table or throws an Error, whatever the text is', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom(...'[]{}=.,"\'ab1\n# '.split(''))}), (text) => {
      try {
        expect(typeof parseToml(text)).toBe('object')
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }))
  })
})
