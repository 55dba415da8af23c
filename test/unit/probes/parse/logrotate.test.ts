// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseLogrotate} from '../../../../src/probes/parse/logrotate.ts'

const FILE = '/etc/logrotate.d/x'
const patterns = (text: string) => parseLogrotate(text, FILE).map((rule) => rule.patterns)

describe('a logrotate configuration', () => {
  test('gives its rules, with directives and the line of their first pattern', () => {
    expect(parseLogrotate('weekly\ninclude /etc/logrotate.d\n\n# docker\n/var/lib/docker/containers/*/*.log {\n  rotate   7\n  daily\n  # compress\n}\n', FILE)).toEqual([
      {file: FILE, line: 5, patterns: ['/var/lib/docker/containers/*/*.log'], directives: ['rotate 7', 'daily']},
    ])
  })

  test('may have several patterns, quoted ones, and the brace on a line of its own', () => {
    expect(parseLogrotate('/var/log/a.log\n"/var/log/with blank.log" /var/log/c.log\n{\n}\n', FILE)).toEqual([
      {file: FILE, line: 1, patterns: ['/var/log/a.log', '/var/log/with blank.log', '/var/log/c.log'], directives: []},
    ])
  })

  test('may have a rule in one line, and braces in a pattern', () => {
    expect(parseLogrotate('/a.log { rotate 2 }\n/var/log/{b,c}/*.log {\n}\n', FILE).map(({patterns: own, directives}) => [own, directives])).toEqual([[['/a.log'], ['rotate 2']], [['/var/log/{b,c}/*.log'], []]])
  })

  test('does not take a script for directives or for the end', () => {
    const text = '/a.log {\n  postrotate\n    if true; then { kill -HUP 1; }\n    fi\n    /b.log {\n  endscript\n  daily\n}\n/c.log {\n}\n'
    expect(parseLogrotate(text, FILE)).toEqual([{file: FILE, line: 1, patterns: ['/a.log'], directives: ['daily']}, {file: FILE, line: 9, patterns: ['/c.log'], directives: []}])
  })

  test('that is cut off keeps what is there', () => expect(patterns('/a.log {\n  daily')).toEqual([['/a.log']]))

  test('forgets a path that no rule follows', () => expect(patterns('/a.log\nweekly\n/b.log {\n}\n')).toEqual([['/b.log']]))

  test('gives back every pattern that was written', () => {
    const name = fc.stringMatching(/^\/[a-z*.]{1,12}$/)
    fc.assert(fc.property(fc.array(fc.array(name, {minLength: 1, maxLength: 3}), {maxLength: 5}), (rules) => {
      expect(patterns(rules.map((own) => `${own.join('\n')} {\n  daily\n}\n`).join(''))).toEqual(rules)
    }))
  })

  test('never throws, whatever it is', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('{', '}', '/a {', 'postrotate', 'endscript', '"', '/x'))
    fc.assert(fc.property(fc.array(line), (lines) => { expect(Array.isArray(parseLogrotate(lines.join('\n'), FILE))).toBe(true) }))
  })

  test('gives no more than 500 rules', () => expect(parseLogrotate('/a {\n}\n'.repeat(2000), FILE)).toHaveLength(500))
})
