// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {eventsOf} from '../../../src/manifests/events.ts'
import {Positions} from '../../../src/manifests/positions.ts'
import {parseDocument} from '../../../src/manifests/yaml.ts'
import type {Json} from '../../../src/model/json.ts'

describe('brackets and quotes whose lines are indented less than the block around them, as kubectl takes them', () => {
  test.each<readonly [string, string, unknown]>([
    ['a bracket below its key', 'a:\n  args: [\n    x, y\n  ]\n  b: 1\n', {a: {args: ['x', 'y'], b: 1}}],
    ['items and comments at the margin', 'a:\n  args: [\n# one\nx, # two\ny\n]\n  b: 1\n', {a: {args: ['x', 'y'], b: 1}}],
    ['items after tabs', 'a:\n  args: [\n\t"x",\n\t"y"\n  ]\n', {a: {args: ['x', 'y']}}],
    ['braces in an item of a list', '- a: {\n  x: 1,\n y: [\n2]}\n  b: 2\n- c: 3\n', [{a: {x: 1, y: [2]}, b: 2}, {c: 3}]],
    ['a text in double quotes', 'a:\n  b: "x\ny\n\n z"\n  c: 1\n', {a: {b: 'x y\nz', c: 1}}],
    ['JSON in single quotes', "a:\n  b: '{\n\"x\": [\n1\n]\n}'\nc: |\n  y\n", {a: {b: '{ "x": [ 1 ] }'}, c: 'y\n'}],
    ['several of them, with a block scalar between', 'a:\n  b: [\n  1]\n  c: |\n    [\n    x\n  d: "p\nq"\n  e: [\n2\n]\n', {a: {b: [1], c: '[\nx\n', d: 'p q', e: [2]}}],
    ['with carriage returns', 'a:\r\n  b: [\r\n  1,\r\n2\r\n]\r\n  c: 1\r\n', {a: {b: [1, 2], c: 1}}],
  ])('are read: %s', (_, text, value) => expect(parseDocument(text)).toEqual(value))

  test('are located where they are written, and so is what comes after them', () => {
    const text = 'a:\n  args: [\n x,\n   {y: 1}\n]\n  b: |\n    text\n'
    const positions = new Positions(text)
    expect(positions.of(['a', 'args', 0])).toEqual({line: 3, column: 2})
    expect(positions.of(['a', 'args', 1, 'y'])).toEqual({line: 4, column: 5})
    expect(positions.of(['a', 'b'])).toEqual({line: 6, column: 3})
    expect(positions.blockAt(['a', 'b'])).toEqual({line: 7, indent: 4})
  })

  test.each([
    ['never closed', 'a:\n  b: [\n  1\n'],
    ['a quote that is never closed', 'a:\n  b: "x\ny\n'],
    ['another fault within them', 'a:\n  b: [\n  1 }\n]\n'],
    ['another fault after them', 'a:\n  b: [\n  1\n]\n  c: d: e\n'],
    ['a value after them', 'a:\n  b: [\n  1\n]\n  - c\n'],
  ])('that are no YAML all the same stay none: %s', (_, text) => expect(() => parseDocument(text)).toThrow())

  test('do not take long, however many there are', () => {
    const text = Array.from({length: 20_000}, (_, index) => `k${index}:\n  x: [\n1]\n`).join('')
    const start = performance.now()
    expect(() => eventsOf(text)).toThrow('deficient indentation')
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('mean the same as with their lines indented', () => {
    const leaf = fc.oneof(fc.integer(), fc.constantFrom('a', 'b c', '[', '#x', 'it: is'))
    const {value} = fc.letrec<{value: unknown}>((tie) => ({
      value: fc.oneof({maxDepth: 3}, leaf, fc.array(tie('value'), {maxLength: 3}), fc.dictionary(fc.constantFrom('x', 'y', 'z'), tie('value'), {maxKeys: 3})),
    }))
    fc.assert(fc.property(fc.array(value, {minLength: 1, maxLength: 4}), fc.nat({max: 3}), (values, indent) => {
      // JSON, whose lines begin anywhere, as values in a block
      const written = (one: unknown): string => JSON.stringify(one, null, 2).replaceAll(/\n */g, `\n${' '.repeat(indent)}`)
      const text = `top:\n${values.map((one, index) => `    k${index}: ${written(one)}\n`).join('')}`
      expect(parseDocument(text)).toEqual({top: Object.fromEntries(values.map((one, index) => [`k${index}`, one]))} as Json)
    }))
  })

  test('leave alone what is indented as it should be', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = dump({a: value})
      const {source, added} = eventsOf(text)
      expect(source).toBe(text)
      expect(added).toBeUndefined()
    }))
  })
})
