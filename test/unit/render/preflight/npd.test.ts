// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {isFailure} from '../../../../src/checks/accept.ts'
import type {PreflightReport} from '../../../../src/model/preflight.ts'
import {renderNpd} from '../../../../src/render/preflight/npd.ts'
import {emptyReport, finding, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'

const line = (report: PreflightReport) => renderNpd(report, (each) => isFailure(each, 'high'))

describe('the line for node-problem-detector', () => {
  test('names the checks that fail', () => {
    expect(line(emptyReport({findings: [finding(), finding({check: 'docker-swarm'}), finding({severity: 'low', check: 'other'})]})))
      .toBe('Kubernetes 1.24: 2 high: docker-sock-mount, docker-swarm\n')
    expect(line(richReport())).toBe('Kubernetes 1.24: 1 blocker, 3 high: kubelet-removed-flag, docker-sock-mount, ...\n')
  })

  test('says that nothing is in the way', () => expect(line(emptyReport())).toBe('Ready for Kubernetes 1.24 on containerd\n'))

  test('says when not everything could be looked at', () => {
    expect(line(emptyReport({gaps: [{what: 'a', source: 'b', reason: 'c', next: 'd'}]}))).toBe('Kubernetes 1.24: 1 thing could not be looked at; run as root\n')
  })

  test('is one line of at most 80 bytes, of whole characters', () => {
    const holds = (text: string): void => {
      expect(text).toMatch(/^[^\n]*\n$/)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(81)
      expect(text.isWellFormed()).toBe(true)
    }
    for (const report of [hostileReport(), manyFindings(1000), richReport()]) holds(line(report))
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 100}), (kubernetes) => {
      holds(line(emptyReport({upgrade: {target: 'cri-o', kubernetes}})))
    }))
  })
})
