// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {accept, failsAt} from '../../../src/checks/accept.ts'
import type {Finding, Waiver} from '../../../src/model/preflight.ts'
import {finding} from '../../support/sample-report.ts'

const TODAY = '2026-11-21'
const NODE: Finding = finding({fingerprint: 'node', severity: 'blocker', check: 'kubelet-flag', place: {kind: 'node', node: 'node-1', file: '/etc/default/kubelet', line: 3}})
const CLUSTER: Finding = finding({
  fingerprint: 'cluster', severity: 'medium',
  place: {kind: 'cluster', context: 'prod', object: {apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ci', name: 'runner'}},
})
const MANIFEST: Finding = finding({fingerprint: 'manifest', severity: 'high'})
const ALL = [NODE, MANIFEST, CLUSTER]

function waiver(changes: Partial<Waiver> = {}): Waiver {
  return {id: 'docker-sock-mount', reason: 'moves next week', source: {file: '.rtctl.yaml', line: 4, column: 5}, ...changes}
}

/** What each of the three findings is accepted by. */
const marks = (found: readonly Finding[]) =>
  Object.fromEntries(found.filter(({check}) => !check.endsWith('-waiver')).map(({fingerprint, accepted}) => [fingerprint, accepted?.by]))
const about = (found: readonly Finding[]) => found.filter(({check}) => check.endsWith('-waiver'))

describe('accepting findings', () => {
  test('leaves every finding as it is when nothing is accepted', () => expect(accept(ALL, {}, TODAY)).toEqual(ALL))

  test('marks those of the baseline by fingerprint', () => {
    expect(marks(accept(ALL, {baseline: new Set(['node', 'gone'])}, TODAY))).toEqual({node: 'baseline', manifest: undefined, cluster: undefined})
  })

  test('marks those of ignored checks', () => {
    expect(marks(accept(ALL, {ignore: ['docker-sock-mount']}, TODAY))).toEqual({node: undefined, manifest: 'ignore', cluster: 'ignore'})
  })

  test('marks what a waiver is for, with its reason and date', () => {
    const found = accept(ALL, {waivers: [waiver({expires: '2026-12-31'})]}, TODAY)
    expect(found[1]!.accepted).toEqual({by: 'waiver', reason: 'moves next week', expires: '2026-12-31'})
    expect(accept(ALL, {waivers: [waiver()]}, TODAY)[1]!.accepted).toEqual({by: 'waiver', reason: 'moves next week'})
  })

  test.each<[string, Partial<Waiver>, readonly string[]]>([
    ['a file', {file: 'deploy/*.yaml'}, ['manifest']],
    ['a file with a dot in front', {file: './deploy/**'}, ['manifest']],
    ['a file elsewhere', {file: 'charts/**'}, []],
    ['an object', {object: 'DaemonSet logging/fluentd'}, ['manifest']],
    ['objects of a namespace', {object: '* ci/*'}, ['cluster']],
    ['an object in a file', {object: 'DaemonSet logging/*', file: 'other.yaml'}, []],
    ['a node', {id: 'kubelet-flag', node: 'node-?'}, ['node']],
    ['a file of a node', {id: 'kubelet-flag', file: '/etc/default/*'}, ['node']],
    ['a node, for a check of manifests', {node: '*'}, []],
  ])('takes a waiver for %s for no more than that', (_, changes, expected) => {
    const found = marks(accept(ALL, {waivers: [waiver(changes)]}, TODAY))
    expect(Object.keys(found).filter((key) => found[key] === 'waiver')).toEqual(expected)
  })

  test('says ignored before waived before in the baseline', () => {
    const acceptances = {baseline: new Set(['manifest', 'cluster', 'node']), waivers: [waiver({id: 'kubelet-flag'}), waiver()], ignore: ['kubelet-flag']}
    expect(marks(accept(ALL, acceptances, TODAY))).toEqual({node: 'ignore', manifest: 'waiver', cluster: 'waiver'})
  })

  test.each([['2026-11-20', false], ['2026-11-21', true], ['2026-11-22', true]])('a waiver until %s still holds on the 21st: %s', (expires, holds) => {
    const found = accept([MANIFEST], {waivers: [waiver({expires})]}, TODAY)
    expect(marks(found).manifest).toBe(holds ? 'waiver' : undefined)
    expect(about(found).map(({check}) => check)).toEqual(holds ? [] : ['expired-waiver'])
  })

  test('an expired waiver is a finding where it is written, as bad as the worst it was for', () => {
    const [expired] = about(accept(ALL, {waivers: [waiver({expires: '2026-01-31'})]}, TODAY))
    expect(expired).toMatchObject({
      severity: 'high', place: {kind: 'manifest', file: '.rtctl.yaml', position: {line: 4, column: 5}},
      text: 'The waiver of docker-sock-mount ended on 2026-01-31, and 2 findings that it was for count again.',
    })
  })

  test('an expired waiver does not keep another one from holding', () => {
    const found = accept([MANIFEST], {waivers: [waiver({expires: '2026-01-31'}), waiver()]}, TODAY)
    expect(marks(found).manifest).toBe('waiver')
  })

  test('a waiver for nothing is said, and counts as info only, also when it has expired', () => {
    const found = about(accept(ALL, {waivers: [waiver({id: 'cgroup-v1', expires: '2020-01-01'})]}, TODAY))
    expect(found).toMatchObject([{check: 'unused-waiver', severity: 'info', text: 'The waiver of cgroup-v1 matches no finding of this run.'}])
  })

  test('keeps the order of severity, and of what came first', () => {
    const found = accept([MANIFEST, {...MANIFEST, fingerprint: 'second'}, CLUSTER], {waivers: [waiver({expires: '2020-01-01'})]}, TODAY)
    expect(found.map(({fingerprint, check}) => (check === 'expired-waiver' ? check : fingerprint))).toEqual(['manifest', 'second', 'expired-waiver', 'cluster'])
  })

  test('gives what is said of a waiver the same fingerprint wherever the waiver moves in its file', () => {
    const at = (line: number) => about(accept(ALL, {waivers: [waiver({id: 'x', source: {file: 'a', line, column: 1}})]}, TODAY))[0]!.fingerprint
    expect(at(1)).toBe(at(99))
    expect(at(1)).toMatch(/^[0-9a-f]{16}$/)
  })

  test('never loses a finding and never changes anything but the mark', () => {
    const sets = fc.record({baseline: fc.uniqueArray(fc.constantFrom('node', 'manifest', 'cluster')), ignore: fc.subarray(['kubelet-flag', 'docker-sock-mount'])})
    fc.assert(fc.property(sets, fc.subarray(ALL), ({baseline, ignore}, findings) => {
      const found = accept(findings, {baseline: new Set(baseline), ignore}, TODAY)
      expect(found.map(({accepted: _, ...rest}) => rest)).toEqual(findings.map(({accepted: _, ...rest}) => rest))
    }))
  })
})

describe('a run fails', () => {
  test.each([
    ['blocker', [NODE], true], ['blocker', [MANIFEST], false], ['high', [MANIFEST], true], ['high', [CLUSTER], false], ['info', [CLUSTER], true],
    ['never', ALL, false], ['info', [], false],
  ] as const)('at %s: %#', (failOn, findings, expected) => expect(failsAt(findings, failOn)).toBe(expected))

  test('not for what is accepted', () => expect(failsAt([{...NODE, accepted: {by: 'baseline'}}], 'info')).toBe(false))

  test('for an expired waiver, whatever it was for, unless never', () => {
    const found = accept([CLUSTER], {waivers: [waiver({expires: '2020-01-01'})]}, TODAY)
    expect([failsAt(found, 'blocker'), failsAt(found, 'never')]).toEqual([true, false])
  })
})
