// SPDX-License-Identifier: Apache-2.0
// What the examples of the checks cannot show: other filesystems, other states of a node.
import {describe, expect, it} from 'vitest'
import {buildChain} from '../../../../src/chain/build.ts'
import {checks as dataRoot} from '../../../../src/checks/docker/docker-data-root.ts'
import {checks as outside} from '../../../../src/checks/docker/docker-container-outside-kubernetes.ts'
import {checks as storageDriver} from '../../../../src/checks/docker/docker-storage-driver.ts'
import {checks as unpushed} from '../../../../src/checks/docker/unpushed-image.ts'
import {exampleDocker, kindOf} from '../../../../src/checks/lib/docker-containers.ts'
import {fixFor} from '../../../../src/checks/lib/fix.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import type {Check, NodeExample, Problem, Upgrade} from '../../../../src/model/check.ts'
import type {DockerNodeFacts} from '../../../../src/model/node/docker.ts'
import {ok} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../../src/probes/node/collect.ts'
import {exampleHost} from '../../../support/example-host.ts'

const KUBELET = {900: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}

async function problems(check: Check | undefined, example: NodeExample, own: Partial<DockerNodeFacts> = {}, upgrade: Partial<Upgrade> = {}): Promise<readonly Problem[]> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const known = {...(await collectNodeFacts(host, facts)), ...own}
  const node = {name: 'n', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd' as const, kubernetes: '1.24', oracle: {}, ...upgrade}}
  return runOnNode(check === undefined ? [] : [check], node, known).flatMap(({outcomes}) => outcomes as readonly Problem[])
}

describe('docker-data-root', () => {
  const disk = (dataRootOf: string, device: string, exists = false) =>
    ({dockerDisk: ok({dataRoot: dataRootOf, device: '8:17', targets: {'/var/lib/containerd': {device, exists}, '/var/lib/containers': {device: '8:17', exists}}}, dataRootOf)})
  const run = (own: Partial<DockerNodeFacts>, target: Upgrade['target'] = 'containerd') => problems(dataRoot[0], {processes: {812: '/usr/bin/dockerd'}}, own, {target})

  it('tells of a disk that only Docker has, also at the usual path', async () => {
    const [found] = await run(disk('/var/lib/docker', '8:1'))
    expect(found).toMatchObject({text: 'Docker keeps its data in /var/lib/docker, on device 8:17; /var/lib/containerd will be on device 8:1, which then has to hold all images and writable layers.'})
    expect(found?.severity).toBeUndefined()
    expect(fixFor(found?.fix ?? '', 'containerd')).toContain('root = "/var/lib/docker/containerd"')
  })

  it('is milder where the other folder is there already', async () => expect(await run(disk('/data/docker', '8:1', true))).toMatchObject([{severity: 'medium'}]))
  it('looks at the folder of the target', async () => expect(await run(disk('/var/lib/docker', '8:1'), 'cri-o')).toEqual([]))
})

describe('containers outside Kubernetes', () => {
  const container = (name: string, image: string, labels = {}) => ({id: 'a'.repeat(64), name, image, labels, state: 'running' as const, ports: [], source: ''})

  it.each([
    ['etcd', 'quay.io/coreos/etcd:v3.5.6', {}, 'control-plane'], ['x', 'gcr.io/etcd@sha256:12', {}, 'control-plane'], ['kube-proxy', 'rancher/hyperkube:v1.20', {}, 'control-plane'],
    ['kubelet', 'rancher/hyperkube:v1.20', {}, 'kubelet'], ['kube-bench', 'aquasec/kube-bench', {}, 'other'], ['etcd-browser', 'x/etcd-browser', {}, 'other'],
    ['app-etcd-1', 'bitnami/etcd:3', {'com.docker.compose.project': 'app'}, 'compose'], ['web.1.x', 'nginx', {'com.docker.swarm.service.id': 's'}, 'swarm'],
  ])('%s of %s are recognised', (name, image, labels, kind) => expect(kindOf(container(name, image, labels))).toBe(kind))

  it('matter less where the kubelet runs on another runtime already', async () => {
    const example = exampleDocker({name: 'backup', image: 'backup:3'})
    expect(await problems(outside[0], {...example, processes: {...example.processes, ...KUBELET}})).toMatchObject([{severity: 'low'}])
  })

  it('cannot be told where neither the disk nor dockerd says', async () => {
    const example = exampleDocker({name: 'backup', image: 'backup:3'})
    expect(await problems(outside[0], {...example, files: {...example.files, '/var/lib/docker/containers': {unreadable: true}}})).toEqual([
      {state: 'unknown', source: '/var/lib/docker/containers', reason: 'permission denied'},
    ])
  })

  it('that have ended are not told of', async () => {
    const example = exampleDocker({name: 'backup', image: 'backup:3'})
    expect(await problems(outside[0], {...example, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/dockerd'}})).toEqual([])
  })
})

describe('unpushed-image', () => {
  it('has one finding for all that no container of a pod runs, and knows the pause image', async () => {
    const ids = [1, 2].map((n) => `sha256:${String(n).repeat(64)}`)
    const example = exampleDocker({name: 'k8s_POD_a_b_c_0', image: 'pause:3', imageId: ids[0] ?? '', labels: {'io.kubernetes.pod.name': 'a', 'io.kubernetes.docker.type': 'podsandbox'}})
    const found = await problems(unpushed[0], example, {unpushedImages: ok([{id: ids[0] ?? '', names: ['pause:3']}, {id: ids[1] ?? '', names: ['tool:1']}], '/var/lib/docker/image')})
    expect(found).toMatchObject([{key: 'unused', severity: 'low'}])
    expect(found[0]?.text).toContain('pause:3 (pause), tool:1')
  })
})

describe('docker-storage-driver', () => {
  it('has a table of runtimes beside the snapshotter in version 2, as containerd 2 loses it otherwise', async () => {
    const example = {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': '{"storage-driver": "zfs"}'}}
    const fix = async (upgrade: Partial<Upgrade>) => fixFor((await problems(storageDriver[0], example, {}, upgrade))[0]?.fix ?? '', 'containerd')
    expect(await fix({})).toContain('runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"')
    expect(await fix({oracle: {containerd: {source: 'x', version: '2.1.9', configVersion: 3}}})).toContain("[plugins.'io.containerd.cri.v1.images']\n  snapshotter = \"zfs\"")
  })
})
