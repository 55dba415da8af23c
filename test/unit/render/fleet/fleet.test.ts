// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {Fleet} from '../../../../src/app/fleet/fleet.ts'
import {formatted} from '../../../../src/cli/fleet/output.ts'
import type {FleetItem, FleetReport} from '../../../../src/model/fleet.ts'
import {createStyle} from '../../../../src/render/style.ts'
import {ageText} from '../../../../src/render/fleet/words.ts'
import {columnsOf} from '../../../../src/render/preflight/columns.ts'
import {clusterNode, NOW, nodeReport, preflight, reportWith} from '../../../support/fleet.ts'
import {finding, HOSTILE} from '../../../support/sample-report.ts'

const plain = {style: createStyle({color: false}), width: 100}

/** One of everything, with what a stranger may write wherever he may. */
function sample(): FleetReport {
  const fleet = new Fleet()
  const horizon = [{product: 'Kubernetes' as const, version: '1.24', severity: 'blocker' as const, subject: 'host', check: 'c', text: HOSTILE}]
  const hostile = preflight([finding({check: 'evil', title: HOSTILE, text: HOSTILE, fix: HOSTILE, learnMore: 'javascript:alert(1)'})], HOSTILE, {horizon, undecided: [{check: 'open-check', subject: 'host', source: '/proc', reason: HOSTILE}]})
  const reports = [nodeReport('worker-1', {preflight: hostile, rtctl: HOSTILE}), reportWith('worker-2', ['blocker', 'low']), reportWith('worker-3', ['low']), reportWith('gone-1', ['high']), nodeReport('done-1', {preflight: preflight([], 'Kubernetes on containerd')})]
  const items: FleetItem[] = [
    ...reports.map((value) => ({kind: 'report' as const, source: 'x', value})), ...['worker-1', 'worker-2', 'worker-3', 'quiet-1', 'done-1'].map((name) => ({kind: 'node' as const, node: clusterNode(name, name === 'worker-2' ? {pool: HOSTILE} : {})})), {kind: 'all-nodes'},
    {kind: 'unreadable', unreadable: {source: HOSTILE, reason: HOSTILE}}, {kind: 'gap', gap: {what: HOSTILE, source: HOSTILE, reason: HOSTILE, next: HOSTILE}},
  ]
  for (const item of items) fleet.add(item)
  return fleet.report({rtctlVersion: '0.1.0', cluster: {context: HOSTILE, version: 'v1.20.2'}, nowMs: Date.parse(NOW), maxAgeMs: 24 * 3_600_000})
}

describe('every format', () => {
  test.each(['human', 'json', 'yaml', 'markdown', 'html'] as const)('%s has every node, the verdict and nothing that a terminal obeys', async (format) => {
    const text = await formatted(sample(), format, plain)
    for (const name of ['worker-1', 'worker-2', 'worker-3', 'quiet-1', 'gone-1', 'done-1', 'check-blocker-0', 'open-check', 'No-go']) expect(text, name).toContain(name)
    expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.exec(text)).toBeNull()
  })
  test.each(['html', 'markdown'] as const)('%s takes no markup from a report', async (format) => {
    const text = await formatted(sample(), format, plain)
    expect(text).not.toContain('<script>')
    if (format === 'markdown') expect(text).not.toMatch(/@octocat|\[x\]\(http/)
  })
})

describe('for a terminal', () => {
  test('rows are in columns, and no line of the table is wider than it may be', async () => {
    const lines = (await formatted(sample(), 'human', {...plain, width: 80})).split('\n')
    const rows = lines.filter((line) => /^ {2}(?:worker|done)-\d/.test(line))
    expect(rows.map((line) => line.trim().split(' ')[0])).toEqual(['worker-3', 'worker-1', 'worker-2', 'done-1'])
    expect(rows.filter((line) => columnsOf(line) > 80)).toEqual([])
    expect(rows[1]).toMatch(/ 0 +1 +Kubernetes 1\.24 +60 min +no-go$/)
  })
  test('colours are of use, and none where none are wanted', async () => {
    expect(await formatted(sample(), 'human', {style: createStyle({color: true}), width: 100})).toContain('\u001b[31m')
    expect(await formatted(sample(), 'human', plain)).not.toContain('\u001b')
  })
  test('who did not answer is named, all of them', async () => {
    const fleet = new Fleet()
    for (let index = 0; index < 300; index++) fleet.add({kind: 'node', node: clusterNode(`quiet-${index}`)})
    fleet.add({kind: 'all-nodes'})
    const text = await formatted(fleet.report({rtctlVersion: '0.1.0', cluster: {context: 'x'}, nowMs: Date.parse(NOW), maxAgeMs: 1}), 'human', plain)
    expect(text.match(/^ {2}· quiet-\d+: it has no report$/gm)).toHaveLength(300)
  })
})

test.each([[0, '0 s'], [119, '119 s'], [120, '2 min'], [7199, '119 min'], [7200, '2 h'], [172_800, '2 d']])('an age of %i seconds is %s', (seconds, text) => expect(ageText(seconds)).toBe(text))

describe('the JSON Schema', () => {
  const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`../../../../schemas/${name}.schema.json`, import.meta.url), 'utf8')) as object
  const ajv = new Ajv2020({strict: true, formats: {'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/}})
  for (const name of ['preflight-report', 'inspect-report']) ajv.addSchema(schemaOf(name))
  test('of a report accepts one with everything, in JSON and in YAML, and one of nothing', async () => {
    const validate = ajv.compile(schemaOf('fleet-report'))
    const empty = new Fleet().report({rtctlVersion: '0.1.0', cluster: {context: 'x'}, nowMs: 0, maxAgeMs: 1})
    for (const report of [sample(), empty]) {
      for (const value of [JSON.parse(await formatted(report, 'json', plain)), load(await formatted(report, 'yaml', plain))]) {
        validate(value)
        expect(validate.errors).toBeNull()
      }
    }
    expect(validate({...empty, more: 1})).toBe(false)
  })
  test('of a collection has all that is written', () => {
    const validate = ajv.compile(schemaOf('fleet-collection'))
    const collection = {schemaVersion: 1, kind: 'rtctl-collection', rtctl: '0.1.0', time: NOW, cluster: {context: 'x'}, nodes: [clusterNode('a', {pool: 'p', kubelet: 'v1', runtime: 'r'})], allNodes: true, unreadable: [{source: 's', reason: 'r'}], gaps: []}
    validate(collection)
    expect(validate.errors).toBeNull()
    expect(validate({...collection, allNodes: undefined})).toBe(false)
  })
  test('of a report of a node leans on those of preflight and inspect', () => {
    const validate = ajv.compile(schemaOf('fleet-node-report'))
    expect(validate({...nodeReport('a'), inspect: 7})).toBe(false)
    expect(validate.errors?.[0]?.instancePath).toBe('/inspect')
  })
})
