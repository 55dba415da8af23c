// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {accountOf, complaintsAbout, type Tally} from '../../support/account.ts'

const good: Tally = {project: 'unit', passed: 3, failed: [], unsteady: [], skipped: []}
const skipping: Tally = {project: 'engines', passed: 1, failed: [], unsteady: [], skipped: [{name: 'a > b', reason: 'not root'}]}
const idle: Tally = {project: 'golden', passed: 0, failed: [], unsteady: [], skipped: []}

describe('the account of a test run', () => {
  test('prints each skipped test with its reason', () => {
    expect(accountOf([good, skipping])).toEqual([
      'unit       3 passed',
      'engines    1 passed  1 skipped',
      '',
      'Skipped:',
      '  a > b\n    not root',
    ])
  })

  test('names each test that failed, with what it said', () => {
    expect(accountOf([{...good, failed: [{name: 'a > b', reason: 'expected 1 to be 2'}]}])).toEqual([
      'unit       3 passed  1 failed', '', 'Failed:', '  a > b\n    expected 1 to be 2',
    ])
  })

  test('names each test that passed only when it was tried again', () => {
    expect(accountOf([{...good, unsteady: ['a > b']}])).toEqual(['unit       3 passed', '', 'Passed only when tried again:', '  a > b'])
  })

  test('finds nothing wrong with a run in which everything ran', () => {
    expect(complaintsAbout([good], true)).toEqual([])
  })

  test('lets a test be skipped on a workstation, not in CI', () => {
    expect(complaintsAbout([good, skipping], false)).toEqual([])
    expect(complaintsAbout([good, skipping], true)).toEqual(['FAIL: 1 tests were skipped, and in CI every test must run.'])
  })

  test('fails a project that ran no test', () => {
    expect(complaintsAbout([good, idle], false)).toEqual(['FAIL: the project "golden" ran no test.'])
  })
})
