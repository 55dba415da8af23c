// SPDX-License-Identifier: Apache-2.0
import {existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {removeLogs} from '../../../src/logs/remove.ts'
import {temporaryFolder} from '../cri/fake-cri.ts'

let folder: ReturnType<typeof temporaryFolder>
let problems: string[]
beforeEach(() => {
  folder = temporaryFolder()
  problems = []
})
afterEach(() => folder.remove())

const at = (...names: string[]) => join(folder.path, ...names)
const remove = (path: string) => removeLogs(path, (problem) => problems.push(problem))

describe('removing a log', () => {
  test('takes its rotations with it, and nothing else', () => {
    for (const name of ['0.log', '0.log.20260101-000000', '0.log.20260101-000000.gz', '1.log', '0.logs']) writeFileSync(at(name), '')
    mkdirSync(at('0.log.d'))
    remove(at('0.log'))
    expect([readdirSync(folder.path).toSorted(), problems]).toEqual([['0.log.d', '0.logs', '1.log'], []])
  })

  test('takes a link away and leaves what it leads to', () => {
    writeFileSync(at('elsewhere'), 'kept')
    symlinkSync(at('elsewhere'), at('0.log'))
    remove(at('0.log'))
    expect(readdirSync(folder.path)).toEqual(['elsewhere'])
  })

  test('takes nothing out of a folder that is a link', () => {
    mkdirSync(at('etc'))
    writeFileSync(at('etc', '0.log'), 'kept')
    symlinkSync(at('etc'), at('app'))
    remove(at('app', '0.log'))
    expect(existsSync(at('etc', '0.log'))).toBe(true)
    expect(problems).toEqual([`the log ${at('app', '0.log')} is left: its folder is a link`])
  })

  test.each(['relative/0.log', '/tmp/../0.log', '/'])('refuses %s', (path) => {
    remove(path)
    expect(problems).toEqual([expect.stringContaining(`the log ${path} is left: `)])
  })

  test('says nothing when there is none', () => {
    for (const path of ['', at('gone.log'), at('gone', '0.log')]) remove(path)
    expect(problems).toEqual([])
  })
})
