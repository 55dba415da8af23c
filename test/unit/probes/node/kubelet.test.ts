// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {ExampleFile, NodeExample} from '../../../../src/model/check.ts'
import type {KubeletNodeFacts} from '../../../../src/model/node/kubelet.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {probeKubelet} from '../../../../src/probes/node/kubelet.ts'
import {environmentFlags, platformConfigLines} from '../../../../src/probes/node/kubelet-flag-places.ts'
import {parseKubeadmFile} from '../../../../src/probes/node/kubelet-kubeadm.ts'
import {exampleHost} from '../../../support/example-host.ts'

async function factsOf(files: Readonly<Record<string, ExampleFile>>, processes: NodeExample['processes'] = {}): Promise<KubeletNodeFacts> {
  const host = exampleHost({files, processes})
  return probeKubelet(host, await collectFacts(host))
}

const placesOf = (facts: KubeletNodeFacts) => (valueOf(facts.kubeletFlags) ?? []).map(({text, source, from}) => [text, source, from])

describe('the flags of an environment file', () => {
  const used = new Set(['KUBELET_EXTRA_ARGS', 'KUBELET_ARGS'])

  test('have the line they are on, also where an assignment goes on over several', () => {
    const text = '# KUBELET_ARGS="--commented=1"\nKUBELET_ARGS="--a=1 \\\n--b two \\\n--c"\nOTHER=--d=4\nKUBELET_EXTRA_ARGS=--e=5\n'
    expect(environmentFlags(text, '/f', used).map(({text: words, source}) => [words, source])).toEqual([['--a=1', '/f:2'], ['--b=two', '/f:3'], ['--c', '/f:4'], ['--e=5', '/f:6']])
  })

  test('are those of variables that the unit uses', () => {
    expect(environmentFlags('UNUSED="--a=1"\n', '/f', used)).toEqual([])
  })

  test('never throw, whatever the file is', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      for (const {source} of environmentFlags(text, '/f', used)) expect(source).toMatch(/^\/f:\d+$/)
    }))
  })
})

describe('the kubelet-arg of a platform', () => {
  test('is read from lists, flow lists and a single text, with lines', () => {
    expect(platformConfigLines('kubelet-arg:\n  - "a=1"\n  - b\nnode-label:\n  - c=3\n', '/f').map(({text, source}) => [text, source])).toEqual([['--a=1', '/f:2'], ['--b', '/f:3']])
    expect(platformConfigLines('kubelet-arg: ["a=1", "b=2"]\n', '/f').map(({text, source}) => [text, source])).toEqual([['--a=1', '/f:1'], ['--b=2', '/f:1']])
    expect(platformConfigLines('token: x\nkubelet-arg: a=1\n', '/f').map(({text, source}) => [text, source])).toEqual([['--a=1', '/f:2']])
  })
})

describe('a file of kubeadm', () => {
  test('has arguments as a mapping up to v1beta3, and as a list in v1beta4', () => {
    const old = parseKubeadmFile('apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration:\n  criSocket: /run/x.sock\n  kubeletExtraArgs:\n    node-ip: 10.0.0.1\n', '/f')
    expect(old).toEqual({source: '/f', criSocket: {value: '/run/x.sock', line: 4}, flags: [{name: 'node-ip', value: '10.0.0.1', line: 6}]})
    const present = parseKubeadmFile('apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n  - name: node-ip\n    value: 10.0.0.1\n', '/f')
    expect(present.flags).toEqual([{name: 'node-ip', value: '10.0.0.1', line: 5}])
  })

  test('says nothing of the node where its documents are of another kind, or of no kind at all', () => {
    expect(parseKubeadmFile('apiVersion: v1\nnodeRegistration:\n  criSocket: /run/x.sock\n---\n- 1\n---\ntext\n', '/f')).toEqual({source: '/f', flags: []})
    expect(parseKubeadmFile('apiVersion: kubeadm.k8s.io/v1beta3\nnodeRegistration:\n  kubeletExtraArgs: [1, null, {name: 2}]\n', '/f').flags).toEqual([])
  })
})

describe('the flags of the kubelets of a host', () => {
  const UNIT = '[Service]\nEnvironment="KUBELET_CONFIG_ARGS=--config=/c.yaml"\nEnvironmentFile=-/etc/default/kubelet\nExecStart=/usr/bin/kubelet --v=2 $KUBELET_CONFIG_ARGS $KUBELET_EXTRA_ARGS\n'

  test('are told at every place where they are written', async () => {
    const facts = await factsOf(
      {'/usr/lib/systemd/system/kubelet.service': UNIT, '/etc/default/kubelet': '\nKUBELET_EXTRA_ARGS=--node-ip=10.0.0.1\n'},
      {812: '/usr/bin/kubelet --v=2 --config=/c.yaml --node-ip=10.0.0.1'},
    )
    expect(placesOf(facts)).toEqual([
      ['--v=2', 'argv of pid 812', 'argv'], ['--config=/c.yaml', 'argv of pid 812', 'argv'], ['--node-ip=10.0.0.1', 'argv of pid 812', 'argv'],
      ['--v=2', '/usr/lib/systemd/system/kubelet.service:4', 'file'], ['--config=/c.yaml', '/usr/lib/systemd/system/kubelet.service:2', 'file'], ['--node-ip=10.0.0.1', '/etc/default/kubelet:2', 'file'],
    ])
  })

  test('leave out files that the unit does not name', async () => {
    const facts = await factsOf({'/usr/lib/systemd/system/kubelet.service': UNIT, '/etc/sysconfig/kubelet': 'KUBELET_EXTRA_ARGS=--node-ip=10.0.0.1\n'}, {812: '/usr/bin/kubelet'})
    expect(JSON.stringify(placesOf(facts))).not.toContain('node-ip')
  })

  test('are unreadable where one of the places is', async () => {
    const facts = await factsOf({'/etc/default/kubelet': {unreadable: true}}, {812: '/usr/bin/kubelet'})
    expect(facts.kubeletFlags).toMatchObject({state: 'unreadable', source: '/etc/default/kubelet', reason: 'EACCES'})
    const kubeadm = await factsOf({'/etc/kubernetes/kubeadm.yaml': {unreadable: true}}, {812: '/usr/bin/kubelet'})
    expect(kubeadm).toMatchObject({kubeletFlags: {state: 'ok'}, kubeadmFlags: {state: 'unreadable', source: '/etc/kubernetes/kubeadm.yaml'}, kubeadmSockets: {state: 'unreadable'}})
  })

  test('are absent on a host without a kubelet', async () => {
    expect(await factsOf({})).toMatchObject({kubeletFlags: {state: 'absent'}, kubeadmFlags: {state: 'absent'}, kubeadmSockets: {state: 'absent'}})
  })

  test('of microk8s are those of its args file', async () => {
    const facts = await factsOf({'/var/snap/microk8s/current/args/kubelet': '# x\n--a=1\n'}, {5: '/snap/microk8s/1/kubelite --kubelet-args-file=/var/snap/microk8s/current/args/kubelet'})
    expect(placesOf(facts)).toEqual([['--a=1', '/var/snap/microk8s/current/args/kubelet:2', 'file']])
  })
})
