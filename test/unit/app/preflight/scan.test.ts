// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {Scan} from '../../../../src/app/preflight/scan.ts'
import {objectCheck, podCheck, problem, textCheck, unknown} from '../../../../src/checks/lib/define.ts'
import {parseManifest} from '../../../../src/manifests/read.ts'
import type {Check, Upgrade} from '../../../../src/model/check.ts'

const UPGRADE: Upgrade = {target: 'cri-o', kubernetes: '1.24', oracle: {}}
const TEXT = {
  why: 'Because it is so in this test.', severity: 'high', learnMore: 'https://example.org/', title: {pass: 'Good', fail: 'Bad'},
  fix: {containerd: 'For containerd.', 'cri-o': 'For CRI-O.', 'cri-dockerd': 'For cri-dockerd.'},
  examples: {fail: [{manifest: '', name: '', text: ''}], pass: [{manifest: '', name: '', text: ''}]},
} as const

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ci}
data:
  job.yaml: |
    apiVersion: v1
    kind: Pod
    metadata: {name: inner}
    spec:
      containers:
        - {name: c, image: bad}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  template:
    spec:
      containers:
        - name: one
          image: good
        - name: two
          image: bad
`

const byImage: Check = podCheck({
  ...TEXT, id: 'bad-image',
  run: ({containers}) => containers.flatMap(({image, name, path}) => (image === 'bad' ? [problem(name, `${name} is bad.`, {path: [...path, 'image']})] : [])),
})

function scan(checks: readonly Check[], manifest = MANIFEST) {
  const scanning = new Scan(checks, UPGRADE)
  for (const item of parseManifest(manifest, {kind: 'manifest', file: 'a.yaml'})) scanning.item(item)
  return scanning.found
}

describe('a scan', () => {
  test('gives each finding its place, the fix for the target, and where it is from', () => {
    const {findings, counts} = scan([byImage])
    expect(counts).toEqual({files: 0, objects: 3, pods: 2, texts: 1})
    expect(findings.map(({place, fix, title, severity}) => ({place, fix, title, severity}))).toEqual([
      {
        fix: 'For CRI-O.', title: 'Bad', severity: 'high',
        place: {
          kind: 'manifest', file: 'a.yaml', object: {apiVersion: 'v1', kind: 'Pod', namespace: '', name: 'inner'}, path: 'spec.containers[0].image',
          position: {line: expect.any(Number), column: expect.any(Number)},
        },
      },
      {
        fix: 'For CRI-O.', title: 'Bad', severity: 'high',
        place: {
          kind: 'manifest', file: 'a.yaml', object: {apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: '', name: 'agent'},
          path: 'spec.template.spec.containers[1].image', position: {line: 23, column: 11},
        },
      },
    ])
  })

  test('gives the same problem the same fingerprint wherever in the file it stands, and another one another', () => {
    const moved = MANIFEST.replace('kind: DaemonSet', '# a comment\nkind: DaemonSet').replace('image: good', 'image: good\n          args: [x]')
    const [before, after] = [scan([byImage]), scan([byImage], moved)].map(({findings}) => findings.map(({fingerprint}) => fingerprint))
    expect(before).toEqual(after)
    expect(new Set(before).size).toBe(2)
    for (const fingerprint of before ?? []) expect(fingerprint).toMatch(/^[0-9a-f]{16}$/)
  })

  test('keeps what passes apart from what fails and what is undecided', () => {
    const checks = [
      byImage,
      objectCheck({...TEXT, id: 'never-bad', kinds: ['DaemonSet'], run: () => []}),
      objectCheck({...TEXT, id: 'no-such-kind', kinds: ['Job'], run: () => [problem('x', 'Never.')]}),
      textCheck({...TEXT, id: 'cannot-tell', run: ({name}) => [unknown(name, 'too long')]}),
    ]
    const {passed, failed, undecided} = scan(checks)
    expect([...passed]).toEqual(['never-bad'])
    expect([...failed]).toEqual(['bad-image'])
    expect(undecided).toEqual([{check: 'cannot-tell', subject: 'job.yaml', source: 'job.yaml', reason: 'too long'}])
  })

  test('leaves out checks that have no meaning for the upgrade', () => {
    expect(scan([podCheck({...byImage, ...TEXT, id: 'other', run: () => [problem('x', 'Never.')], applies: ({target}) => target === 'containerd'})]).failed.size).toBe(0)
  })

  test('takes a check that throws for undecided, and goes on with the others', () => {
    const broken = podCheck({...TEXT, id: 'broken', run: () => { throw new Error('oops') }})
    const {undecided, failed} = scan([broken, byImage])
    expect(undecided[0]).toMatchObject({check: 'broken', reason: expect.stringContaining('oops')})
    expect([...failed]).toEqual(['bad-image'])
  })

  test('counts files, and keeps what was skipped and what is missing', () => {
    const scanning = new Scan([], UPGRADE)
    scanning.item({kind: 'file', file: 'a.yaml'})
    scanning.item({kind: 'skipped', file: 'a.yaml', line: 3, reason: 'no YAML'})
    scanning.item({kind: 'gap', gap: {what: 'pods', source: 'cluster', reason: '403', next: 'Grant it.'}})
    expect(scanning.found).toMatchObject({counts: {files: 1}, skipped: [{file: 'a.yaml', line: 3, reason: 'no YAML'}], gaps: [{what: 'pods'}]})
  })
})
