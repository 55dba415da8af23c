// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {Fleet} from '../../../../src/app/fleet/fleet.ts'
import type {FleetItem, FleetReport, NodeReport} from '../../../../src/model/fleet.ts'
import {clusterNode, inspect, NOW, nodeReport, preflight, reportWith} from '../../../support/fleet.ts'
import {finding} from '../../../support/sample-report.ts'

const report = (value: unknown): FleetItem => ({kind: 'report', source: 'ConfigMap rtctl/x', value})
const node = (name: string, changes: Parameters<typeof clusterNode>[1] = {}): FleetItem => ({kind: 'node', node: clusterNode(name, changes)})
const ALL: FleetItem = {kind: 'all-nodes'}

function reportOf(items: readonly FleetItem[]): FleetReport {
  const fleet = new Fleet()
  for (const item of items) fleet.add(item)
  return fleet.report({rtctlVersion: '0.1.0', cluster: {context: 'prod'}, nowMs: Date.parse(NOW), maxAgeMs: 24 * 3_600_000})
}

/** A cluster with just the nodes that reported. */
const fleetOf = (reports: readonly NodeReport[], more: readonly FleetItem[] = []) => reportOf([...reports.map(report), ...reports.map((each) => node(each.node)), ALL, ...more])
const names = ({nodes}: FleetReport) => nodes.map(({name}) => name)

describe('the verdict', () => {
  test('is go where every node answered and nothing breaks', () => {
    expect(fleetOf([nodeReport('a'), reportWith('b', ['medium', 'low'])]).verdict).toMatchObject({answer: 'go', reasons: [], sentence: 'Go: all 2 nodes are ready for Kubernetes 1.24 on containerd.'})
  })
  test('is no-go where something breaks at one, with the reason', () => {
    expect(fleetOf([nodeReport('a'), reportWith('b', ['high'])]).verdict).toMatchObject({answer: 'no-go', reasons: ['Something breaks at 1 of 2 nodes: b.'], counts: {high: 1}})
  })
  test.each<readonly [string, FleetItem, string]>([
    ['a node has no report', node('c'), 'did not answer: c'],
    ['a report cannot be read', {kind: 'unreadable', unreadable: {source: 'x', reason: 'y'}}, 'cannot be read'],
    ['something could not be listed', {kind: 'gap', gap: {what: 'nodes', source: 'context prod', reason: 'HTTP 403', next: 'Grant it.'}}, 'Could not read nodes: HTTP 403'],
  ])('is incomplete where %s', (_, item, reason) => {
    const {verdict} = fleetOf([nodeReport('a')], [item])
    expect(verdict.answer).toBe('incomplete')
    expect(verdict.reasons.join(' ')).toContain(reason)
  })
  test('is incomplete where a node was not looked at as a whole', () => {
    const open = preflight([], undefined, {undecided: [{check: 'cgroup-v1', subject: 'host', source: '/proc', reason: 'EACCES'}]})
    const {verdict, undecided} = fleetOf([nodeReport('a', {preflight: open})])
    expect(verdict.answer).toBe('incomplete')
    expect(undecided).toEqual([{what: 'cgroup-v1', nodes: ['a'], example: {node: 'a', reason: 'EACCES'}}])
  })
  test('is incomplete where nodes were checked for different goals', () => {
    const other = preflight([], undefined, {upgrade: {target: 'cri-o', kubernetes: '1.30'}})
    expect(fleetOf([nodeReport('a'), nodeReport('b', {preflight: other})]).verdict).toMatchObject({answer: 'incomplete', reasons: ['Nodes were checked for different goals: Kubernetes 1.24 on containerd (1), Kubernetes 1.30 on CRI-O (1).']})
  })
  test('is incomplete where there is no report at all', () => expect(reportOf([ALL]).verdict.answer).toBe('incomplete'))
  test('is counted from the findings, not taken from what a report says of itself', () => {
    const liar = reportWith('a', ['blocker'])
    expect(liar.preflight.verdict.answer).toBe('go')
    expect(fleetOf([liar]).verdict.answer).toBe('no-go')
  })
  test('leaves out what somebody accepted on the node', () => {
    expect(fleetOf([nodeReport('a', {preflight: preflight([finding({accepted: {by: 'waiver', reason: 'known'}})])})]).verdict.answer).toBe('go')
  })
})

describe('nodes that did not answer are named:', () => {
  const of = (items: readonly FleetItem[]) => reportOf(items).silent
  test('without a report, ready or not', () => {
    expect(of([node('a'), node('b', {ready: false}), ALL])).toEqual([
      {name: 'a', reason: 'no-report', text: 'it has no report'}, {name: 'b', reason: 'no-report', text: 'it has no report, and is not ready'},
    ])
  })
  test('with one that is too old, or from the future', () => {
    const old = [report(nodeReport('a', {time: '2026-11-20T11:00:00.000Z'})), report(nodeReport('b', {time: '2026-11-22T12:00:00.000Z'}))]
    expect(of([...old, node('a'), node('b'), ALL]).map(({name, reason}) => [name, reason])).toEqual([['a', 'too-old'], ['b', 'too-old']])
    expect(names(reportOf([...old, node('a'), node('b'), ALL]))).toEqual([])
  })
  test('with one that cannot be read', () => {
    expect(of([{kind: 'unreadable', unreadable: {source: 'x', node: 'a', reason: 'it is no JSON'}}, node('a'), ALL])).toMatchObject([{name: 'a', reason: 'unreadable', text: expect.stringContaining('no JSON') as string}])
  })
  test('with one of a format that only a later rtctl reads', () => {
    expect(of([report({...nodeReport('a'), schemaVersion: 2}), node('a'), ALL])).toMatchObject([{name: 'a', reason: 'unreadable', text: expect.stringContaining('format 2, and this rtctl reads 1') as string}])
  })
  test('where rtctl cannot look', () => expect(of([node('w', {os: 'windows'}), ALL])).toMatchObject([{name: 'w', reason: 'not-linux'}]))
  test('an old report counts as no answer also where the nodes of the cluster are not known', () => {
    expect(of([report(nodeReport('a', {time: '2026-11-01T11:00:00.000Z'}))])).toMatchObject([{name: 'a', reason: 'too-old'}])
  })
})

test('a report of a node that is gone is told of, and judges nothing', () => {
  const answer = reportOf([report(reportWith('old', ['blocker'])), report(nodeReport('a')), node('a'), ALL])
  expect([answer.verdict.answer, answer.gone, names(answer)]).toEqual(['go', [{name: 'old', time: '2026-11-21T11:00:00.000Z'}], ['a']])
})

test('where the list of nodes is cut short, no node is taken for gone', () => {
  const answer = reportOf([report(reportWith('late', ['blocker'])), node('a')])
  expect([answer.gone, names(answer)]).toEqual([[], ['late']])
})

test('a finding that nodes share is told once, with the names of those that have it', () => {
  const {findings} = fleetOf([reportWith('a', ['high', 'low']), reportWith('b', ['high']), reportWith('c', ['blocker'])])
  expect(findings.map(({check, nodes}) => [check, nodes])).toEqual([['check-blocker-0', ['c']], ['check-high-0', ['b', 'a']], ['check-low-1', ['a']]])
  expect(findings[1]?.example).toMatchObject({node: 'a', text: 'a has it.'})
})

describe('the order of migration', () => {
  const pooled = (name: string, pool: string, severities: Parameters<typeof reportWith>[1], changes: Partial<NodeReport> = {}, more: object = {}) =>
    [report(reportWith(name, severities, changes)), node(name, {pool, ...more})]
  test('is the easiest of a pool first, and by name where all is equal', () => {
    expect(names(fleetOf([reportWith('d', ['blocker']), reportWith('c', ['high', 'high']), reportWith('b', ['high']), reportWith('a', ['high'])]))).toEqual(['a', 'b', 'c', 'd'])
  })
  test('keeps pools together, those with less in the way first', () => {
    expect(names(reportOf([...pooled('a1', 'hard', []), ...pooled('b1', 'easy', ['medium']), ...pooled('a2', 'hard', ['blocker']), ...pooled('b2', 'easy', []), ALL]))).toEqual(['b2', 'b1', 'a1', 'a2'])
  })
  test('has the pool with fewer pods first where the same is in the way', () => {
    expect(names(reportOf([...pooled('a', 'busy', [], {inspect: inspect(9)}), ...pooled('b', 'quiet', [], {inspect: inspect(1)}), ALL]))).toEqual(['b', 'a'])
  })
  test('has workers before the control plane, however easy that is', () => {
    expect(names(reportOf([...pooled('cp', 'x', [], {}, {controlPlane: true}), ...pooled('w', 'x', ['blocker', 'high']), ALL]))).toEqual(['w', 'cp'])
  })
  test('has those that run on the target already at the end', () => {
    const done = nodeReport('a', {preflight: preflight([], 'Kubernetes on containerd')})
    const answer = fleetOf([done, reportWith('b', ['blocker'])])
    expect(answer.nodes.map(({name, onTarget}) => [name, onTarget])).toEqual([['b', false], ['a', true]])
  })
})

describe('a row', () => {
  test('has the first version of Kubernetes that breaks the node', () => {
    const horizon = (['1.27', '1.24', '1.100'] as const).map((version) => ({product: 'Kubernetes' as const, version, severity: 'blocker' as const, subject: 'host', check: 'c', text: `ends with ${version}`}))
    const row = {product: 'containerd' as const, version: '1.0', severity: 'high' as const, subject: 'host', check: 'c', text: ''}
    const [only] = fleetOf([nodeReport('a', {preflight: preflight([], undefined, {horizon: [row, ...horizon]})})]).nodes
    expect(only?.breaksAt).toEqual({product: 'Kubernetes', version: '1.24', text: 'ends with 1.24'})
  })
  test('has runtime, kubelet, pods and age', () => {
    expect(fleetOf([nodeReport('a', {inspect: inspect(3)})]).nodes[0]).toMatchObject({kubelet: '1.20.2', runtime: 'Kubernetes through dockershim', pods: 3, ageSeconds: 3600, goal: 'Kubernetes 1.24 on containerd'})
  })
})

describe('a report that no rtctl wrote', () => {
  const good = nodeReport('a')
  test.each<readonly [string, unknown]>([
    ['text', 'hello'], ['null', null], ['of another kind', {...good, kind: 'x'}], ['of a later format', {...good, schemaVersion: 2}], ['of no node', {...good, node: '../../etc'}],
    ['without a time', {...good, time: 'yesterday'}], ['without findings', {...good, preflight: {}}], ['with a severity that is none', {...good, preflight: preflight([finding({severity: '__proto__' as 'high'})])}],
    ['with a check that cannot be', {...good, preflight: preflight([finding({check: 'x\u001b[2J'})])}], ['with a finding that is none', {...good, preflight: {...good.preflight, findings: [null]}}],
    ['with a million findings', {...good, preflight: {...good.preflight, findings: Array(1_000_000).fill(null)}}],
  ])('is not used: %s', (_, value) => {
    const {unreadable, nodes} = reportOf([report(value)])
    expect([unreadable.length, nodes.length]).toEqual([1, 0])
  })
  test('is cut where it is long, and wrong types are nothing', () => {
    const value = {...good, rtctl: 'x'.repeat(1e6), inspect: 7, preflight: {...preflight([finding({title: 'y'.repeat(1e6)})]), upgrade: null, subjects: {nodes: [5]}, horizon: [{product: 'Kubernetes', version: 24}], gaps: 'none'}}
    const {nodes, findings} = reportOf([report(value)])
    expect(nodes).toHaveLength(1)
    expect(JSON.stringify([nodes, findings]).length).toBeLessThan(10_000)
  })
  test('cannot be the second of its node', () => {
    expect(reportOf([report(good), report(reportWith('a', ['blocker']))])).toMatchObject({verdict: {counts: {blocker: 0}}, unreadable: [{node: 'a'}]})
  })
  test('cannot crowd out others by checks that it makes up: what is not told is said', () => {
    const many = (first: number) => Array.from({length: 900}, (_, index) => finding({check: `made-up-${first + index}`}))
    const {findings, gaps, verdict} = fleetOf(['a', 'b', 'c'].map((name, index) => nodeReport(name, {preflight: preflight(many(index * 900))})))
    expect(findings).toHaveLength(2000)
    expect(gaps).toMatchObject([{what: 'findings', reason: expect.stringContaining('700') as string}])
    expect(verdict.counts.high).toBe(2700)
  })
})
