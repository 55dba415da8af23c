// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {buildChain} from '../../../src/chain/build.ts'
import {horizonOf} from '../../../src/checks/horizon.ts'
import {checks} from '../../../src/checks/index.ts'
import {nodeCheck, problem} from '../../../src/checks/lib/define.ts'
import {runOnNode} from '../../../src/checks/run.ts'
import type {Check, NodeContext, NodeExample} from '../../../src/model/check.ts'
import type {NodeFacts} from '../../../src/model/node-facts.ts'
import {collectFacts} from '../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../src/probes/node/collect.ts'
import {exampleHost} from '../../support/example-host.ts'

const made = {
  title: {pass: 'a', fail: 'b'}, why: 'w', severity: 'high', fix: 'f', learnMore: 'https://example.com/', examples: {fail: [{}], pass: [{}]}, needs: [],
} as const

async function nodeOf(example: NodeExample): Promise<{readonly node: NodeContext; readonly known: NodeFacts}> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const node: NodeContext = {name: 'node-1', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd', kubernetes: '1.24', oracle: {}}}
  return {node, known: await collectNodeFacts(host, facts)}
}

test('checks that looked at a version, that of an oracle too, are told, and others are not', async () => {
  const {node, known} = await nodeOf({})
  const all = [
    nodeCheck({...made, id: 'blind', run: (_known, {upgrade: {target}}) => [problem('a', target)]}),
    nodeCheck({...made, id: 'of-a-target', applies: ({target}) => target === 'cri-o', run: () => [problem('a', 'A.')]}),
    nodeCheck({...made, id: 'of-a-version', applies: ({kubernetes}) => kubernetes === '1.30', run: () => [problem('a', 'A.')]}),
    nodeCheck({...made, id: 'seeing', run: (_known, {upgrade: {containerd}}) => [problem('a', String(containerd))]}),
    nodeCheck({...made, id: 'asking', run: (_known, {upgrade: {oracle}}) => [problem('a', Object.keys(oracle).join())]}),
    nodeCheck({...made, id: 'copying', run: (_known, {upgrade}) => [problem('a', JSON.stringify({...upgrade}))]}),
    nodeCheck({...made, id: 'blind-after-others', run: (_known, {upgrade: {target}}) => [problem('a', target)]}),
  ]
  const told: string[] = []
  const results = runOnNode(all, node, known, ({id}) => told.push(id))
  expect(results.map(({check}) => check.id)).toEqual(['blind', 'seeing', 'asking', 'copying', 'blind-after-others'])
  expect(told).toEqual(['of-a-version', 'seeing', 'asking', 'copying'])
})

test('the checks that looked at a version have the whole horizon', async () => {
  const {node, known} = await nodeOf({
    processes: {
      812: '/usr/bin/kubelet --network-plugin=cni --container-runtime=docker --pod-infra-container-image=k8s.gcr.io/pause:3.2', 640: '/usr/bin/containerd',
    },
    files: {'/proc/1/mounts': 'cgroup /sys/fs/cgroup/memory cgroup rw 0 0\n', '/etc/containerd/config.toml': 'version = 2\nplugin_dir = "/x"\n'},
  })
  const told: Check[] = []
  runOnNode(checks, node, known, (check) => told.push(check))
  const rows = horizonOf(checks, node, known)
  expect(rows.length).toBeGreaterThan(4)
  expect(horizonOf(told, node, known)).toEqual(rows)
})
