// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {isIncomplete, preflightReport} from '../../../../src/app/preflight/report.ts'
import {type Found, Scan} from '../../../../src/app/preflight/scan.ts'
import type {Severity, Upgrade} from '../../../../src/model/check.ts'
import type {Acceptance, Finding} from '../../../../src/model/preflight.ts'

const UPGRADE: Upgrade = {target: 'containerd', kubernetes: '1.24', oracle: {}}

function finding(severity: Severity, check: string, file = 'a.yaml', line = 1, accepted?: Acceptance): Finding {
  return {
    check, severity, title: check, text: `${check} ${line}`, evidence: [], fix: 'Mend it.', learnMore: 'https://example.org/', fingerprint: `${check}${line}`,
    place: {kind: 'manifest', file, position: {line, column: 1}}, ...(accepted && {accepted}),
  }
}

function reportOf(findings: readonly Finding[], change: (found: Found) => void = () => undefined) {
  const {found} = new Scan([], UPGRADE)
  change(found)
  return preflightReport({rtctlVersion: '1', upgrade: UPGRADE, found, nodes: [{name: 'node', source: 'live'}], findings})
}

describe('the verdict', () => {
  test('is no-go with a blocker or a high finding, and counts', () => {
    const {verdict} = reportOf([finding('high', 'b'), finding('blocker', 'a'), finding('blocker', 'a', 'a.yaml', 2), finding('info', 'c')])
    expect(verdict).toEqual({
      answer: 'no-go', sentence: '2 blockers, 1 high, 1 info: not ready for Kubernetes 1.24 on containerd.', accepted: 0,
      counts: {blocker: 2, high: 1, medium: 0, low: 0, info: 1},
    })
  })

  test('is go where only lesser things were found, or nothing', () => {
    expect(reportOf([finding('medium', 'a')]).verdict).toMatchObject({answer: 'go', sentence: '1 medium, and nothing that breaks: ready for Kubernetes 1.24 on containerd.'})
    expect(reportOf([]).verdict.sentence).toBe('Nothing found that breaks: ready for Kubernetes 1.24 on containerd.')
  })

  test('does not count what is accepted', () => {
    const {verdict} = reportOf([finding('blocker', 'a', 'a.yaml', 1, {by: 'baseline'})])
    expect(verdict).toMatchObject({answer: 'go', accepted: 1, counts: {blocker: 0}})
  })

  test('is open where something could not be looked at and nothing breaks', () => {
    const {verdict} = reportOf([], ({gaps}) => gaps.push({what: 'pods', source: 'cluster', reason: '403', next: 'Grant it.'}))
    expect(verdict.answer).toBe('incomplete')
    expect(verdict.sentence).toContain('nobody can tell yet')
  })
})

describe('where not all was read', () => {
  test('the verdict is about the rest', () => {
    const {verdict} = reportOf([finding('low', 'a')], ({skipped}) => skipped.push({file: 'a.tpl', reason: 'a template'}))
    expect(verdict).toMatchObject({answer: 'go', sentence: '1 low, and nothing that breaks in what could be read: ready for Kubernetes 1.24 on containerd.'})
  })

  test('and nothing was there at all, nobody can tell', () => {
    const {found} = new Scan([], UPGRADE)
    const report = preflightReport({rtctlVersion: '1', upgrade: UPGRADE, found, nodes: [], findings: []})
    expect(report.verdict).toMatchObject({answer: 'incomplete', sentence: 'There was nothing to look at: nobody can tell whether it is ready for Kubernetes 1.24 on containerd.'})
    expect(isIncomplete(report)).toBe(true)
  })
})

describe('the report', () => {
  test('sorts by severity, then check, then place by number', () => {
    const {findings} = reportOf([finding('low', 'a'), finding('high', 'z', 'a.yaml', 10), finding('high', 'z', 'a.yaml', 9), finding('high', 'b')])
    expect(findings.map(({check, text}) => `${check}: ${text}`)).toEqual(['b: b 1', 'z: z 9', 'z: z 10', 'a: a 1'])
  })

  test('says of each check the worst that came of it', () => {
    const {checks} = reportOf([], ({passed, failed, undecided}) => {
      for (const id of ['one', 'two', 'three']) passed.add(id)
      failed.add('two')
      undecided.push({check: 'two', subject: 'n', source: 's', reason: 'r'}, {check: 'three', subject: 'n', source: 's', reason: 'r'})
    })
    expect(checks).toEqual({passed: ['one'], failed: ['two'], undecided: ['three']})
  })

  test('is incomplete with a gap or an undecided check', () => {
    expect(isIncomplete(reportOf([]))).toBe(false)
    expect(isIncomplete(reportOf([], ({undecided}) => undecided.push({check: 'a', subject: 'n', source: 's', reason: 'r'})))).toBe(true)
  })
})
