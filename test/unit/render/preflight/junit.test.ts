// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {isFailure} from '../../../../src/checks/accept.ts'
import type {Severity} from '../../../../src/model/check.ts'
import type {PreflightReport} from '../../../../src/model/preflight.ts'
import {renderJunit} from '../../../../src/render/preflight/junit.ts'
import {emptyReport, finding, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'
import {type Element, parseXml} from '../../../support/xml.ts'

const read = (report: PreflightReport, failOn: Severity | 'never' = 'high') => parseXml(renderJunit(report, (each) => isFailure(each, failOn)))
const casesOf = (root: Element) => root.children[0]!.children

describe('JUnit XML', () => {
  test.each([['rich', richReport], ['empty', emptyReport], ['hostile', hostileReport], ['many', () => manyFindings(200)]] as const)('of a %s report is well-formed, and its numbers are right', (_, sample) => {
    const root = read(sample())
    const suite = root.children[0]!
    const having = (name: string) => suite.children.filter(({children}) => children.some((child) => child.name === name)).length
    expect([root.name, suite.name, root.children.length]).toEqual(['testsuites', 'testsuite', 1])
    for (const {attributes} of [root, suite]) {
      expect(attributes).toMatchObject({tests: String(suite.children.length), failures: String(having('failure')), skipped: String(having('skipped')), errors: '0'})
    }
  })

  test('has a case for each check and subject', () => {
    expect(casesOf(read(richReport())).map(({attributes: {classname, name}, children}) => `${classname} ${name}: ${children[0]?.name ?? 'passed'}`)).toEqual([
      'kubelet-removed-flag node-1: failure',
      'docker-sock-mount DaemonSet logging/fluentd: failure',
      'docker-sock-mount Deployment ci/runner: failure',
      'docker-swarm node-2: failure',
      'json-file-path ci/Jenkinsfile: system-out',
      'docker-sock-mount /srv/a b/ü.yaml: system-out',
      'containerd-config node-2: skipped',
      'cgroup-v1 all that was looked at: passed',
    ])
  })

  test('fails what makes the run fail, and nothing else', () => {
    const failures = (failOn: Severity | 'never') => casesOf(read(richReport(), failOn)).filter(({children}) => children[0]?.name === 'failure').length
    expect([failures('blocker'), failures('high'), failures('medium'), failures('info'), failures('never')]).toEqual([1, 4, 5, 6, 0])
  })

  test('skips what is accepted, with the reason', () => {
    const findings = [finding({accepted: {by: 'waiver', reason: 'moves next week'}}), finding({accepted: {by: 'baseline'}}), finding({accepted: {by: 'ignore'}})]
    expect(casesOf(read(emptyReport({findings})))[0]!.children[0]).toMatchObject({name: 'skipped', attributes: {message: 'waived: moves next week; in the baseline; the check is ignored'}})
  })

  test('says in a failure what, where, how it is known and what to do', () => {
    const [failure] = casesOf(read(richReport()))[0]!.children
    expect(failure).toMatchObject({attributes: {type: 'blocker', message: '--network-plugin in /etc/default/kubelet keeps kubelet 1.24 from starting.'}})
    expect(failure!.text.split('\n')).toEqual([
      'blocker: --network-plugin in /etc/default/kubelet keeps kubelet 1.24 from starting.', 'at node-1 (/etc/default/kubelet:3)',
      '  /etc/default/kubelet:3: KUBELET_EXTRA_ARGS=--network-plugin=cni', 'Fix: Take the flag out of /etc/default/kubelet, then `systemctl restart kubelet`.',
      'More: https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
    ])
  })

  test('names the file of a manifest, for CI servers that link to it', () => {
    expect(casesOf(read(richReport()))[1]!.attributes.file).toBe('deploy/fluentd.yaml')
  })

  test('is well-formed whatever a stranger wrote', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => {
      const root = read(emptyReport({findings: [finding({text, fix: text, evidence: [{source: text, text}], place: {kind: 'manifest', file: text}})]}))
      expect(casesOf(root)).toHaveLength(1)
    }))
  })
})
