// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {wildcard} from '../../../../src/checks/lib/wildcard.ts'

test.each([
  ['a.yaml', 'a.yaml', true], ['a.yaml', 'a-yaml', false], ['a.yaml', '*.yaml', true], ['b/a.yaml', '*.yaml', false], ['b/a.yaml', '*/a.*', true],
  ['b/a.yaml', '**', true], ['b/c/a.yaml', 'b/**', true], ['b', 'b/**', false], ['a.yaml', '**/a.yaml', true], ['b/c/a.yaml', '**/a.yaml', true],
  ['b/ca.yaml', '**/a.yaml', false], ['node-1', 'node-?', true], ['node/1', 'node?1', false], ['', '*', true], ['', '', true], ['x', '', false],
  ['DaemonSet logging/fluentd', '* logging/*', true], ['(a|b)', '(a|b)', true], ['漢字', '?字', true], ['😀', '?', true], ['a/b/c', 'a/**/c', true], ['a/c', 'a/**/c', true],
])('%j matches %j: %s', (text, pattern, expected) => expect(wildcard(pattern)(text)).toBe(expected))

test('a text without wildcards matches itself and nothing else', () => {
  const text = fc.string({unit: fc.constantFrom('a', 'b', '/', '.', '😀', '[')})
  fc.assert(fc.property(text, text, (a, b) => {
    expect(wildcard(b)(a)).toBe(a === b)
  }))
})

test('agrees with a regular expression on short patterns', () => {
  const regular = (pattern: string) => new RegExp(`^${pattern.replaceAll('**/', '\u0001').replaceAll('**', '\u0002').replaceAll('*', '[^/]*').replaceAll('?', '[^/]')
    .replaceAll('\u0001', '(?:.*/)?').replaceAll('\u0002', '.*')}$`)
  const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '**/', '?'), {maxLength: 6}).map((parts) => parts.join('')).filter((text) => !text.includes('***'))
  fc.assert(fc.property(fc.string({unit: fc.constantFrom('a', 'b', '/'), maxLength: 8}), pattern, (text, glob) => {
    expect(wildcard(glob)(text)).toBe(regular(glob).test(text))
  }))
})

test('a pattern made to stall it does not', () => {
  const before = performance.now()
  expect(wildcard(`${'*a'.repeat(50)}${'**/'.repeat(50)}b`)('a'.repeat(5000))).toBe(false)
  expect(performance.now() - before).toBeLessThan(2000)
})
