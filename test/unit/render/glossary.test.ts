// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {Component} from '../../../src/model/component.ts'
import {glossaryDocument, glossaryEntry, glossaryList, glossaryMarkdown} from '../../../src/render/glossary.ts'
import {createStyle} from '../../../src/render/style.ts'

const PLAIN = createStyle({color: false})

const WIDGET: Component = {
  name: 'widgetd',
  aliases: [],
  layer: 'engine',
  role: 'daemon',
  brief: 'a daemon that nobody has',
  what: 'It is `*not*` a <real> daemon, with_an_underscore.',
  why: 'To be drawn.',
  standards: [],
  calledBy: ['kubelet'],
  calls: [],
  history: 'Never, 1970-01.',
  see: 'pgrep -a widgetd',
  sources: ['https://example.org/a-very-long-address/that/does/not/fit/into/the/line/and/is/not/broken'],
  fingerprints: [{program: 'widgetd', argument: /^x$/}],
}

describe('an entry of the glossary', () => {
  test('is laid out in two columns, without the fields that are empty', () => {
    expect(glossaryEntry(WIDGET, PLAIN, 40)).toBe(
      [
        'widgetd  daemon · Engine',
        '',
        'What       It is `*not*` a <real>',
        '           daemon, with_an_underscore.',
        'Why        To be drawn.',
        'Called by  kubelet',
        'History    Never, 1970-01.',
        'See it     pgrep -a widgetd',
        '',
        'Sources',
        '  https://example.org/a-very-long-address/that/does/not/fit/into/the/line/and/is/not/broken',
        '',
      ].join('\n'),
    )
  })

  test('a word longer than the line stands alone, whatever the width', () => {
    expect(glossaryEntry({...WIDGET, what: 'a bcdefghij k'}, PLAIN, 1)).toContain('What       a\n           bcdefghij\n           k\n')
  })

  test('in Markdown nothing of it is taken for markup', () => {
    const text = glossaryMarkdown([WIDGET])
    expect(text).toContain('## Engine\n\n### widgetd\n\ndaemon · Engine: a daemon that nobody has\n\n')
    expect(text).toContain(String.raw`- What: It is ${'`*not*`'} a \<real\> daemon, with\_an\_underscore.`)
    expect(text).toContain('- See it: `pgrep -a widgetd`\n')
    expect(glossaryMarkdown([{...WIDGET, see: 'a `b`'}])).toContain('- See it: `` a `b` ``\n')
  })

  test('as JSON it is the entry, with patterns as text', () => {
    const json = JSON.parse(JSON.stringify(glossaryDocument(WIDGET)))
    expect(json).toEqual({...WIDGET, fingerprints: [{program: 'widgetd', argument: '/^x$/'}]})
  })
})

describe('the list', () => {
  test('has a heading for each layer that has members, in the order of the chain', () => {
    const list = glossaryList([WIDGET, {...WIDGET, name: 'topd', layer: 'orchestration'}], PLAIN, 80)
    expect(list).toBe(
      'Orchestration\n  topd                      a daemon that nobody has\n\n' +
        'Engine\n  widgetd                   a daemon that nobody has\n',
    )
  })

  test('lines that do not fit are cut with an ellipsis', () => {
    expect(glossaryList([WIDGET], PLAIN, 34)).toBe('Engine\n  widgetd                   a dae…\n')
  })
})
