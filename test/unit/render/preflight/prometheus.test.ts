// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {renderPrometheus} from '../../../../src/render/preflight/prometheus.ts'
import {visible} from '../../../../src/render/visible.ts'
import {parsePrometheus} from '../../../support/prometheus.ts'
import {emptyReport, hostileReport, HOSTILE, manyFindings, richReport} from '../../../support/sample-report.ts'

const values = (text: string) => Object.fromEntries(parsePrometheus(text).map(({name, labels, value}) => [`${name.replace('rtctl_preflight_', '')} ${Object.values(labels).join(' ')}`.trim(), value]))

describe('the text format of Prometheus', () => {
  test('has the numbers of a report', () => {
    expect(values(renderPrometheus(richReport()))).toEqual({
      'info 0.1.0 containerd 1.24': 1, 'verdict go': 0, 'verdict no-go': 1, 'verdict incomplete': 0,
      'findings blocker': 1, 'findings high': 3, 'findings medium': 1, 'findings low': 1, 'findings info': 1,
      'check_failed kubelet-removed-flag blocker': 1, 'check_failed docker-sock-mount high': 2, 'check_failed docker-swarm high': 1, 'check_failed json-file-path medium': 1,
      'check_failed docker-sock-mount low': 1, 'check_failed docker-sock-mount info': 1,
      accepted: 3, undecided: 1, gaps: 1, skipped_files: 1,
    })
  })

  test('has a zero for each severity of an empty report, and no family without samples', () => {
    expect(values(renderPrometheus(emptyReport()))).toMatchObject({'verdict go': 1, 'findings blocker': 0, 'findings high': 0, accepted: 0})
    expect(renderPrometheus(emptyReport())).not.toContain('check_failed')
  })

  test('counts each finding once', () => expect(values(renderPrometheus(manyFindings(200)))).toMatchObject({'findings high': 200, 'check_failed docker-sock-mount high': 200}))

  test('is read back as it was written, whatever a stranger wrote', () => {
    const versionOf = (text: string) => parsePrometheus(text).find(({name}) => name === 'rtctl_preflight_info')!.labels.containerd
    expect(versionOf(renderPrometheus(hostileReport()))).toBe(visible(HOSTILE))
    fc.assert(fc.property(fc.string({unit: 'binary'}), (containerd) => {
      const report = emptyReport({upgrade: {target: 'containerd', kubernetes: '1.24', containerd}})
      expect(versionOf(renderPrometheus(report))).toBe(visible(containerd))
    }))
  })

  test.each([['rtctl_x 1'], ['# HELP a b\n# TYPE a gauge\na{b="c} 1\n'], ['# HELP a b\n# TYPE a gauge\na 1\na 1\n'], ['# HELP a b\n# TYPE b gauge\nb 1\n']])('would be refused: %j', (text) => {
    expect(() => parsePrometheus(text)).toThrow(/./)
  })
})
