// SPDX-License-Identifier: Apache-2.0
// On captured nodes of containerd 1.7: one whose kubelet 1.20 speaks v1alpha2 itself, and one without a kubelet, where nobody does.
import {expect, test} from 'vitest'
import {runPreflight} from '../../src/app/preflight/run-preflight.ts'
import {openFixture, OPTIONS} from './goldens.ts'

const ID = 'cri-v1alpha2-called'

async function preflight(name: string) {
  return runPreflight({
    ...OPTIONS, plan: {target: 'containerd', kubernetes: '1.34', containerd: '2.1', oracle: {}},
    hosts: [{source: 'snapshot.jsonl', open: async () => openFixture(name)}], items: [],
    accept: (findings) => findings, progress: () => undefined,
  })
}

test('an old kubelet calls it itself: whether others do is not known', async () => {
  const {checks, undecided} = await preflight('two-engines')
  expect(checks.undecided).toContain(ID)
  expect(JSON.stringify(undecided.filter(({check}) => check === ID))).toMatch(/the kubelet \(pid \d+, 1\.20\.2\) calls v1alpha2 itself/)
})

test('a containerd that was asked by rtctl alone was not called', async () => {
  expect((await preflight('containerd-only')).checks.passed).toContain(ID)
})
