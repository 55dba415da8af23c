// SPDX-License-Identifier: Apache-2.0
// What every check promises to those who read it, and to those who rely on its id.
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checksIndex} from '../../../scripts/generate-checks-index.ts'
import {checks} from '../../../src/checks/index.ts'
import {ROOT} from '../../support/node.ts'

const IDS = checks.map(({id}) => id)

describe('the index of the checks', () => {
  test('is what the generator makes of the files there are', () => {
    expect(readFileSync(join(ROOT, 'src/checks/index.ts'), 'utf8')).toBe(checksIndex())
  })

  test('has every id once', () => expect(IDS.filter((id, index) => IDS.indexOf(id) !== index)).toEqual([]))

  test('has every check in a file that is named after it, or after the table that it is a row of', () => {
    const files = new Map(globSync('src/checks/*/*.ts', {cwd: ROOT}).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
    const lost = IDS.filter((id) => ![...files].some(([file, text]) => file.endsWith(`/${id}.ts`) || text.includes(`'${id}'`) || text.includes('id: `')))
    expect(lost).toEqual([])
  })
})

describe.each(checks.map((check) => [check.id, check] as const))('%s', (id, check) => {
  test('has an id of small letters, digits and dashes', () => expect(id).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/))

  test('has titles that are sentences without a full stop', () => {
    for (const title of [check.title.pass, check.title.fail]) {
      expect(title).toMatch(/^\S.*[^.!]$/)
      expect(title.length).toBeLessThanOrEqual(100)
    }
    expect(check.title.pass).not.toBe(check.title.fail)
  })

  test('says why, what to do for every target, and where to read on', () => {
    expect(check.why.length).toBeGreaterThan(40)
    const fixes = typeof check.fix === 'string' ? [check.fix] : Object.values(check.fix)
    for (const text of [check.why, ...fixes]) expect(text).toMatch(/[.`:)]$/)
    expect(check.learnMore).toMatch(/^https:\/\/[a-z0-9.-]+\.[a-z]+\/\S*$/)
  })
})
