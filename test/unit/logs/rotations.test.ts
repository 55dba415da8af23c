// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {filesOfLog, previousLog} from '../../../src/logs/rotations.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {logFolder} from './sample-logs.ts'

const folder = logFolder()
const at = (name: string) => join(folder.path, name)

describe('the files of a log', () => {
  test('are itself and what was rotated, compressed or not, and nothing else', () => {
    for (const name of ['0.log', '0.log.20260101-000000', '0.log.20251231-000000.gz', '1.log', '0.logs', '10.log', 'x0.log', '0.log.tmp']) writeFileSync(at(name), '')
    mkdirSync(at('0.log.d'))
    expect(filesOfLog(at('0.log'))).toEqual(['0.log', '0.log.20251231-000000.gz', '0.log.20260101-000000', '0.log.tmp'].map(at))
  })

  test('are there when the log itself is gone, and none when its folder is', () => {
    writeFileSync(at('0.log.1'), '')
    expect(filesOfLog(at('0.log'))).toEqual([at('0.log.1')])
    expect(filesOfLog(at('no/0.log'))).toEqual([])
  })

  test('are found by name, not by pattern', () => {
    for (const name of ['a*.log', 'a*.log.1', 'ab.log', 'ab.log.1', '[x].log', 'x.log']) writeFileSync(at(name), '')
    expect(filesOfLog(at('a*.log'))).toEqual([at('a*.log'), at('a*.log.1')])
    expect(filesOfLog(at('[x].log'))).toEqual([at('[x].log')])
  })

  test('include a link itself, wherever it leads', () => {
    symlinkSync('/etc/passwd', at('0.log'))
    expect(filesOfLog(at('0.log'))).toEqual([at('0.log')])
  })

  test.each(['', '0.log', './0.log', '/var/log/../../etc/passwd', '/', '/var/log/pods/'])('are not looked for at %o', (path) => {
    expect(() => filesOfLog(path)).toThrow(UserError)
  })

  test('are refused in a folder that is none', () => {
    writeFileSync(at('file'), '')
    expect(() => filesOfLog(at('file/0.log'))).toThrow(UserError)
  })
})

test('the log of the attempt before has the number before', () => {
  expect(previousLog('/var/log/pods/a_b_c/app/1.log', 1)).toBe('/var/log/pods/a_b_c/app/0.log')
  expect(previousLog('/var/log/pods/a_b.x_c/app/10.log', 10)).toBe('/var/log/pods/a_b.x_c/app/9.log')
  expect(previousLog('/var/log/pods/a_b_c/app/0.log', 0)).toBeUndefined()
})
