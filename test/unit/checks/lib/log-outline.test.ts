// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {configLines, directivesOf, hitAt, sectionsOf, wordsWith} from '../../../../src/checks/lib/log-lines.ts'
import {outlineOf, sameItem} from '../../../../src/checks/lib/log-outline.ts'

const outline = (text: string) => outlineOf(configLines(text))
const rows = (text: string) => outline(text).map(({key, value, path, line}) => `${line.number} ${[...path, key].join('/')} ${value}`.trim())

describe('lines of a configuration', () => {
  test('keep their number and indentation, without comments and blank ones', () => {
    expect(configLines('a\n\n  # b\n  ; c\n // d\n  e  \n')).toEqual([{number: 1, text: 'a', indent: 0}, {number: 6, text: 'e', indent: 2}])
  })

  test('that are very long are looked at in pieces', () => {
    const lines = configLines(`{"a": "${'x'.repeat(5000)}", "path": "/var/lib/docker/containers"}`)
    expect(lines.every(({text, number}) => text.length <= 2000 && number === 1)).toBe(true)
    expect(wordsWith(lines, /docker/)).toEqual([{line: 1, words: '/var/lib/docker/containers'}])
  })

  test('are shown in short', () => {
    expect(hitAt({number: 3, text: '- type:   docker', indent: 0})).toEqual({line: 3, words: 'type: docker'})
    expect(hitAt({number: 1, text: 'discovery.docker "x" {', indent: 0}).words).toBe('discovery.docker "x"')
  })
})

describe('an outline', () => {
  test('knows the keys above each key, in lists at both indentations', () => {
    expect(rows('a:\n- b: 1\n  c:\n  - d\n- e: 2\nf:\n    - g:\n        h: "3" # why\n')).toEqual(['1 a', '2 a/b 1', '3 a/c', '4 a/c/ d', '5 a/e 2', '6 f', '7 f/g', '8 f/g/h 3'])
  })

  test('tells which keys are of one list item', () => {
    const keys = outline('a:\n- b: 1\n  c: 2\n- d: 3\n')
    expect(sameItem(keys, keys[1]!).map(({key}) => key)).toEqual(['b', 'c'])
  })

  test('reads templates that are no YAML', () => expect(rows('{{- if .Values.x }}\na:\n  b: {{ .y }}\n{{- end }}\n')).toContain('3 a/b {{ .y }}'))

  test('has a row for each line, and never throws', () => {
    const line = fc.oneof(fc.string({maxLength: 20}), fc.tuple(fc.nat(8), fc.constantFrom('- a: b', 'c:', '- - d', '-', '"e": f', '__proto__: 1')).map(([blanks, text]) => ' '.repeat(blanks) + text))
    fc.assert(fc.property(fc.array(line), (lines) => {
      const read = configLines(lines.join('\n'))
      expect(outlineOf(read).map((key) => key.line)).toEqual(read)
    }))
  })
})

test('sections of Fluent Bit have their keys in small letters', () => {
  expect(sectionsOf(configLines('x y\n[INPUT]\n  Name  tail\n[OUTPUT]\n')).map(({name, entries}) => [name, entries.map(({key, value}) => `${key}=${value}`)])).toEqual([['input', ['name=tail']], ['output', []]])
})

describe('directives of fluentd', () => {
  test('hold each other', () => {
    const [source] = directivesOf(configLines('<source>\n  @type tail\n  <parse>\n    @type "json"\n  </parse>\n</source>\n'))
    expect([source?.name, source?.entries[0]?.value, source?.children[0]?.entries[0]?.value]).toEqual(['source', 'tail', 'json'])
  })

  test('may be without end, or only that', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('<a>', '</a>', '<b x>', 'k v'), {maxLength: 80}), (lines) => { expect(Array.isArray(directivesOf(configLines(lines.join('\n'))))).toBe(true) }))
  })
})
