// SPDX-License-Identifier: Apache-2.0
import {Ajv} from 'ajv'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {podCheck} from '../../../../src/checks/lib/define.ts'
import type {FindingPlace, PreflightReport} from '../../../../src/model/preflight.ts'
import {renderSarif} from '../../../../src/render/preflight/sarif.ts'
import {visible} from '../../../../src/render/visible.ts'
import {SARIF} from '../../../support/sarif-schema.ts'
import {emptyReport, finding, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'

/** RFC 3986 as far as it forbids characters, and a scheme where one is asked for. */
const REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/
const validate = new Ajv({allErrors: true, strict: true, formats: {'uri-reference': REFERENCE, uri: /^[a-z][a-z0-9+.-]*:\S+$/}}).compile(SARIF)

const CHECK = podCheck({
  id: 'docker-sock-mount', title: {pass: 'No pod mounts the socket of Docker', fail: 'A pod mounts the socket of Docker'}, why: 'Nothing listens there. [More](x)',
  severity: 'high', fix: 'Remove the volume.', learnMore: 'https://example.org/', unproven: 'what happens on Windows', run: () => [],
  examples: {fail: [{manifest: ''}], pass: [{manifest: ''}]},
})

interface Log {
  readonly runs: readonly [{
    readonly tool: {readonly driver: {readonly rules: readonly {readonly id: string; readonly help: {readonly text: string}; readonly helpUri?: string}[]}}
    readonly invocations: readonly [{readonly toolExecutionNotifications: readonly {readonly descriptor: {readonly id: string}}[]}]
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly message: {readonly text: string}
      readonly locations: readonly [{readonly physicalLocation?: {readonly artifactLocation: {readonly uri: string}; readonly region?: unknown}; readonly logicalLocations?: unknown}]
      readonly partialFingerprints: unknown
      readonly suppressions?: readonly unknown[]
    }[]
  }]
}

const read = (report: PreflightReport) => JSON.parse(renderSarif(report, [CHECK])) as Log
const runOf = (report: PreflightReport) => read(report).runs[0]
const locationOf = (place: FindingPlace) => runOf(emptyReport({findings: [finding({place})]})).results[0]!.locations[0]

describe('SARIF', () => {
  test.each([['rich', richReport], ['empty', emptyReport], ['hostile', hostileReport], ['many', () => manyFindings(200)]] as const)('of a %s report is as the standard says', (_, sample) => {
    validate(read(sample()))
    expect(validate.errors).toBeNull()
  })

  test('would be refused with a mistake in it', () => {
    const log = structuredClone(read(richReport())) as unknown as {runs: [{results: [{level: string}]}]}
    log.runs[0].results[0].level = 'fatal'
    expect(validate(log)).toBe(false)
  })

  test('has a rule for each check with findings, and each result points to its own', () => {
    const {tool: {driver: {rules}}, results} = runOf(richReport())
    expect(rules.map(({id}) => id)).toEqual(['docker-sock-mount', 'docker-swarm', 'json-file-path', 'kubelet-removed-flag'])
    for (const {ruleId, ruleIndex} of results) expect(rules[ruleIndex]!.id).toBe(ruleId)
    expect(results).toHaveLength(richReport().findings.length)
  })

  test('says in a rule why, how to mend it and what is not proven', () => {
    expect(runOf(richReport()).tool.driver.rules[0]!.help.text)
      .toBe('Nothing listens there. [More] (x)\n\nFix: Remove the volume.\n  volumes: []\n\nNot seen on a running program: what happens on Windows')
  })

  test('has a result in a message, with the fix, and a fingerprint', () => {
    expect(runOf(richReport()).results[1]).toMatchObject({
      level: 'error', message: {text: 'Container fluentd mounts /var/run/docker.sock, where nothing will listen.\nFix: Remove the volume.\n  volumes: []'},
      partialFingerprints: {'rtctl/v1': '00000000000000a2'},
    })
  })

  test('maps severities to levels', () => {
    const levels = (['blocker', 'high', 'medium', 'low', 'info'] as const).map((severity) => runOf(emptyReport({findings: [finding({severity})]})).results[0]!.level)
    expect(levels).toEqual(['error', 'error', 'warning', 'note', 'note'])
  })

  test.each<[string, string]>([
    ['deploy/app.yaml', 'deploy/app.yaml'], ['./deploy/app.yaml', 'deploy/app.yaml'], ['../x y.yaml', '../x%20y.yaml'], ['/srv/ü.yaml', 'file:///srv/%C3%BC.yaml'],
    ['a:b.yaml', './a:b.yaml'], ['100%.yaml', '100%25.yaml'], ['a#b?c.yaml', 'a%23b%3Fc.yaml'], ['\ud800', '%EF%BF%BD'],
  ])('names the file %j as %j', (file, uri) => {
    expect(locationOf({kind: 'manifest', file}).physicalLocation).toEqual({artifactLocation: {uri}})
  })

  test('has line and column of a manifest, and its object', () => {
    expect(runOf(richReport()).results[1]!.locations).toEqual([{
      physicalLocation: {artifactLocation: {uri: 'deploy/fluentd.yaml'}, region: {startLine: 12, startColumn: 9}},
      logicalLocations: [{name: 'fluentd', fullyQualifiedName: 'DaemonSet logging/fluentd spec.template.spec.volumes[0].hostPath.path', kind: 'resource'}],
    }])
  })

  test('has a logical location for nodes, objects of a cluster and standard input', () => {
    const object = {apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'b'}
    expect(locationOf({kind: 'node', node: 'node-1', file: '/etc/x', line: 3})).toEqual({logicalLocations: [{name: 'node-1', fullyQualifiedName: 'node-1 /etc/x:3', kind: 'resource'}]})
    expect(locationOf({kind: 'cluster', context: 'prod', object, path: 'spec'})).toEqual({logicalLocations: [{name: 'b', fullyQualifiedName: 'prod Pod a/b spec', kind: 'resource'}]})
    expect(locationOf({kind: 'manifest', file: '-', object}).physicalLocation).toBeUndefined()
  })

  test('suppresses what is accepted, with the reason', () => {
    expect(runOf(richReport()).results.flatMap(({suppressions = []}) => suppressions)).toEqual([
      {kind: 'external', status: 'accepted', justification: 'In the baseline.'},
      {kind: 'external', status: 'accepted', justification: 'The check is ignored.'},
      {kind: 'external', status: 'accepted', justification: 'moves with the new pipeline (until 2026-12-31)'},
    ])
  })

  test('notifies of what could not be looked at', () => {
    expect(runOf(richReport()).invocations[0].toolExecutionNotifications.map(({descriptor: {id}}) => id)).toEqual(['undecided', 'gap', 'skipped'])
  })

  test('has no link and no escape that a stranger wrote', () => {
    const text = renderSarif(hostileReport(), [CHECK])
    expect(text).not.toMatch(/\]\(/)
    expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
  })

  test('names every file by a URI', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', minLength: 1}), (file) => {
      const uri = locationOf({kind: 'manifest', file: `${file}x`}).physicalLocation!.artifactLocation.uri
      expect(uri).toMatch(REFERENCE)
      expect(() => new URL(uri, 'file:///here/')).not.toThrow()
      expect(new URL(uri, 'file:///here/').protocol).toBe('file:')
    }))
  })
})
