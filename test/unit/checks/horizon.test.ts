// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../src/chain/build.ts'
import {horizonOf, horizonOfObject} from '../../../src/checks/horizon.ts'
import {checks as cgroupV1} from '../../../src/checks/kubelet/cgroup-v1.ts'
import {checks as dockershim} from '../../../src/checks/kubelet/kubelet-on-dockershim.ts'
import {checks as removedFlag} from '../../../src/checks/kubelet/kubelet-removed-flag.ts'
import {checks as removedSetting} from '../../../src/checks/containerd/containerd-removed-setting.ts'
import {nodeCheck, objectCheck, problem} from '../../../src/checks/lib/define.ts'
import type {Check, NodeExample, Upgrade} from '../../../src/model/check.ts'
import type {NodeFacts} from '../../../src/model/node-facts.ts'
import type {HorizonRow} from '../../../src/model/preflight.ts'
import {isAtLeast} from '../../../src/model/version.ts'
import {collectFacts} from '../../../src/probes/collect.ts'
import {probeContainerd} from '../../../src/probes/node/containerd.ts'
import {probeKubelet} from '../../../src/probes/node/kubelet.ts'
import {exampleHost} from '../../support/example-host.ts'

const SOCKET = '/run/containerd/containerd.sock'
const CRI = {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.6.20', conditions: [], handlers: [], pods: [], containers: []}

async function horizon(checks: readonly Check[], example: NodeExample): Promise<readonly HorizonRow[]> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const known = {...await probeKubelet(host, facts), ...await probeContainerd(host, facts)} as NodeFacts
  return horizonOf(checks, {name: 'node-1', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd', kubernetes: '1.37', oracle: {kubeletFlags: {source: 'x', flags: []}}}}, known)
}

const brief = (rows: readonly HorizonRow[]) => rows.map(({product, version, check}) => `${product} ${version} ${check}`)
const made = {
  title: {pass: 'a', fail: 'b'}, why: 'w', severity: 'high', fix: 'f', learnMore: 'https://example.com/', examples: {fail: [{}], pass: [{}]},
} as const

describe('the horizon of a node', () => {
  test('has the version at which each problem begins, in order, and none that is there already', async () => {
    const rows = await horizon([...removedFlag, ...cgroupV1, ...dockershim], {
      processes: {812: '/usr/bin/kubelet --network-plugin=cni --container-runtime=docker --pod-infra-container-image=k8s.gcr.io/pause:3.2'}, files: {'/proc/1/mounts': 'cgroup /sys/fs/cgroup/memory cgroup rw 0 0\n'},
    })
    expect(brief(rows)).toEqual([
      'Kubernetes 1.24 kubelet-on-dockershim', 'Kubernetes 1.24 kubelet-removed-flag', 'Kubernetes 1.27 kubelet-removed-flag', 'Kubernetes 1.35 cgroup-v1', 'Kubernetes 1.35 kubelet-removed-flag',
    ])
    expect(rows[0]).toMatchObject({severity: 'blocker', subject: 'node-1', text: expect.stringContaining('kubelet 1.24')})
  })

  test('begins after the containerd that runs, and leaves the product out where there is none', async () => {
    const files = {[SOCKET]: {socket: true}, '/etc/containerd/config.toml': 'version = 2\nplugin_dir = "/x"\n[plugins."io.containerd.grpc.v1.cri"]\n  systemd_cgroup = true\n'} as const
    expect(brief(await horizon(removedSetting, {processes: {640: '/usr/bin/containerd'}, files, answers: {[`cri ${SOCKET}`]: CRI}}))).toEqual(['containerd 2.0 containerd-removed-setting', 'containerd 2.1 containerd-go-plugins'])
    expect(brief(await horizon(removedSetting, {processes: {640: '/usr/bin/containerd'}, files, answers: {[`cri ${SOCKET}`]: {...CRI, runtimeVersion: '2.1.0'}}}))).toEqual([])
    expect(await horizon(removedSetting, {processes: {640: '/usr/bin/containerd'}, files})).toEqual([])
  })

  test('asks a check for many versions only if it looks at the version', async () => {
    const asked: Record<string, string[]> = {blind: [], seeing: []}
    const checks = [
      nodeCheck({...made, id: 'blind-check', needs: [], run(_known, {upgrade: {target}}) {
        asked['blind']?.push(target)
        return [problem('a', 'A.')]
      }}),
      nodeCheck({...made, id: 'seeing-check', needs: [], run(_known, {upgrade: {kubernetes}}) {
        asked['seeing']?.push(kubernetes)
        return isAtLeast(kubernetes, '1.30') ? [problem('a', 'A.'), problem('b', 'B.'), problem('c', 'C.', {severity: 'low'})] : []
      }}),
    ]
    const rows = await horizon(checks, {processes: {812: '/usr/bin/kubelet'}})
    expect(rows).toEqual([{product: 'Kubernetes', version: '1.30', severity: 'high', subject: 'node-1', check: 'seeing-check', text: 'A. And 1 more.'}])
    expect(asked['blind']).toHaveLength(1)
    expect(asked['seeing']?.slice(0, 3)).toEqual(['1.23', '1.24', '1.25'])
    expect(asked['seeing']?.at(-1)).toBe('1.38')
  })

  test('does not believe the programs of one target for all versions', async () => {
    const oracles: unknown[] = []
    await horizon([nodeCheck({...made, id: 'asks-oracle', needs: [], run(_known, {upgrade: {oracle, kubernetes}}) {
      oracles.push(oracle)
      return kubernetes === '' ? [problem('a', 'A.')] : []
    }})], {processes: {812: '/usr/bin/kubelet'}})
    expect(new Set(oracles.map((oracle) => JSON.stringify(oracle)))).toEqual(new Set(['{}']))
  })
})

describe('the horizon of a Node object', () => {
  const node = (kind: string, kubeletVersion: unknown, containerRuntimeVersion: unknown) => ({
    ref: {apiVersion: 'v1', kind, namespace: '', name: 'worker'}, origin: {kind: 'cluster', context: 'c'} as const, locate: () => undefined,
    value: {metadata: {name: 'worker'}, status: {nodeInfo: {kubeletVersion, containerRuntimeVersion}}} as never,
  })
  const upgrade: Upgrade = {target: 'containerd', kubernetes: '1.24', oracle: {}}
  const check = objectCheck({...made, examples: {fail: [{manifest: ''}], pass: [{manifest: ''}]}, id: 'object-check', kinds: ['Node'], run: (_object, {kubernetes, containerd, docker}) => [
    ...(isAtLeast(kubernetes, '1.26') ? [problem('k', 'K.')] : []), ...(containerd !== undefined && isAtLeast(containerd, '2.1') ? [problem('c', 'C.')] : []), ...(docker !== undefined && isAtLeast(docker, '29') ? [problem('d', 'D.')] : []),
  ]})

  test('begins at the versions that the node tells', () => {
    expect(brief(horizonOfObject([check], node('Node', 'v1.25.3', 'containerd://1.6.20'), upgrade))).toEqual(['Kubernetes 1.26 object-check', 'containerd 2.1 object-check'])
    expect(brief(horizonOfObject([check], node('Node', 'v1.26.0', 'docker://20.10.24'), upgrade))).toEqual(['Docker Engine 29 object-check'])
  })

  test('is empty for other objects, and survives a node that tells nonsense', () => {
    expect(horizonOfObject([check], node('Pod', 'v1.25.3', 'containerd://1.6.20'), upgrade)).toEqual([])
    expect(brief(horizonOfObject([check], node('Node', 7, {}), upgrade))).toEqual(['Kubernetes 1.26 object-check'])
  })
})
