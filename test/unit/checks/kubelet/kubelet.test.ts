// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../../src/chain/build.ts'
import {checks as containerdVersions} from '../../../../src/checks/kubelet/containerd-kubernetes-versions.ts'
import {checks as removedFlag} from '../../../../src/checks/kubelet/kubelet-removed-flag.ts'
import {flagsByName, socketPath} from '../../../../src/checks/lib/kubelet.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import type {Check, ExampleUpgrade, NodeExample, Outcome} from '../../../../src/model/check.ts'
import type {NodeFacts} from '../../../../src/model/node-facts.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {probeContainerd} from '../../../../src/probes/node/containerd.ts'
import {probeKubelet} from '../../../../src/probes/node/kubelet.ts'
import {exampleHost} from '../../../support/example-host.ts'

async function outcomes(checks: readonly Check[], example: NodeExample, upgrade: ExampleUpgrade): Promise<readonly Outcome[]> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const known = {...await probeKubelet(host, facts), ...await probeContainerd(host, facts)} as NodeFacts
  const node = {name: 'n', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd', kubernetes: '1.24', oracle: {}, ...upgrade} as const}
  return runOnNode(checks, node, known).flatMap((result) => result.outcomes)
}

describe('an endpoint', () => {
  test('is one path however it is written, and none where it is no socket', () => {
    for (const text of ['unix:///var/run/x.sock', 'unix:/run/x.sock', '/run/x.sock', '/var/run/x.sock']) expect(socketPath(text)).toBe('/run/x.sock')
    for (const text of ['tcp://10.0.0.1:1', 'npipe:////./pipe/docker_engine', '', 'unix:x']) expect(socketPath(text)).toBeUndefined()
  })
})

test('the place to edit comes first of all places of a flag', () => {
  const flag = (from: 'argv' | 'file' | 'kubeadm', source: string) => ({name: 'a', value: '1', text: '--a=1', from, source})
  expect(flagsByName([flag('argv', 'argv of pid 1'), flag('kubeadm', '/k:1'), flag('file', '/f:1')]).get('a')?.map(({source}) => source)).toEqual(['/f:1', '/k:1', 'argv of pid 1'])
})

describe('a removed flag', () => {
  const RUNNING = {processes: {812: '/usr/bin/kubelet --config=/c.yaml --cni-conf-dir=/opt/net.d --feature-gates=A=true'}} as const

  test('is found by the flags of the kubelet to come alone, where that was asked', async () => {
    const found = await outcomes(removedFlag, RUNNING, {kubernetes: '1.35', oracle: {kubeletFlags: {source: '/k --help', flags: ['config', 'cni-conf-dir']}}})
    expect(found).toMatchObject([{key: 'feature-gates', text: expect.stringContaining('/k --help does not know it')}])
  })

  test('has its value moved to where the target keeps it', async () => {
    const [found] = await outcomes(removedFlag, RUNNING, {containerd: '2.1'})
    expect(found).toMatchObject({fix: {containerd: expect.stringContaining(`conf_dir = "/opt/net.d"\` in \`[plugins.'io.containerd.cri.v1.runtime'.cni]`), 'cri-o': expect.stringContaining('network_dir = "/opt/net.d"'), 'cri-dockerd': expect.stringContaining('--cni-conf-dir=/opt/net.d')}})
  })

  test('written with underscores is the same flag', async () => {
    expect(await outcomes(removedFlag, {processes: {812: '/usr/bin/kubelet --network_plugin=cni'}}, {})).toMatchObject([{key: 'network-plugin'}])
  })

  test('is undecided where a place of flags cannot be read', async () => {
    expect(await outcomes(removedFlag, {...RUNNING, files: {'/etc/default/kubelet': {unreadable: true}}}, {})).toMatchObject([{state: 'unknown', source: '/etc/default/kubelet'}])
  })

  test('stands for itself whatever its name and value are', async () => {
    const odd = {processes: {812: {argv: ['/usr/bin/kubelet', '--__proto__=1', '--constructor', '--network-plugin=$&{value}\u001B[31m']}}} as const
    expect((await outcomes(removedFlag, odd, {})).map((outcome) => (outcome.state === 'problem' ? outcome.key : outcome.reason))).toEqual(['network-plugin'])
  })
})

describe('a containerd for a Kubernetes', () => {
  const found = async (containerd: string, kubernetes: string) => (await outcomes(containerdVersions, {processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}}, {containerd, kubernetes})).length

  test('is right from the first patch release of its branch on, and above all branches', async () => {
    expect([await found('1.7.27', '1.34'), await found('1.7.28', '1.34'), await found('1.7', '1.34'), await found('2.2.1', '1.34'), await found('1.5.1', '1.34')]).toEqual([1, 0, 0, 0, 1])
  })

  test('is not judged for a Kubernetes that nothing is known of', async () => expect(await found('1.4', '1.30')).toBe(0))
})
