// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type CrontabKind, crontabAsShell} from '../../../../src/probes/parse/cron.ts'

describe('a table of cron as a shell script', () => {
  test.each<[string, CrontabKind, string]>([
    ['*/5 * * * * docker ps', 'user', 'docker ps'],
    ['@daily docker ps -a', 'user', 'docker ps -a'],
    ['17 *\t* * *\troot    cd / && run-parts /x', 'system', 'cd / && run-parts /x'],
    ['@reboot root docker start x', 'system', 'docker start x'],
    ['7 25 cron.weekly nice run-parts /etc/cron.weekly', 'anacron', 'nice run-parts /etc/cron.weekly'],
    ['@monthly 45 cron.monthly x', 'anacron', 'x'],
    ['0 0 * * * mail%Subject: docker', 'user', 'mail'],
    ['0 0 * * * date +\\%F', 'user', 'date +\\%F'],
    ['# 0 0 * * * docker', 'user', ''], ['MAILTO=docker ps x y z w', 'user', ''], ['SHELL = /bin/sh', 'system', ''], ['0 0 * *', 'user', ''], ['0 0 * * * root', 'system', ''],
  ])('%j of kind %s', (line, kind, expected) => expect(crontabAsShell(line, kind)).toBe(expected))

  test('keeps the numbers of lines, whatever it is', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom<CrontabKind>('user', 'system', 'anacron'), (text, kind) => {
      expect(crontabAsShell(text, kind).split('\n')).toHaveLength(text.split('\n').length)
    }))
  })

  test('is quick with a line made to stall it', () => {
    const started = performance.now()
    for (const line of [' '.repeat(100_000), 'a '.repeat(50_000), '%'.repeat(100_000), `@${'a'.repeat(100_000)}`]) crontabAsShell(line, 'system')
    expect(performance.now() - started).toBeLessThan(500)
  })
})
