// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../src/model/check.ts'
import type {NodeFacts} from '../../../src/model/node-facts.ts'
import {unreadable} from '../../../src/model/observed.ts'
import {dockerContainer, dockerNode, needsOf, remarksOn, withContainers} from './support.ts'

const kubelet = (endpoint: string, more: NodeExample = {}): NodeExample => ({...more, processes: {700: `/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=${endpoint}`, ...more.processes}})
const runtimeOf = async (example: NodeExample) => (await needsOf(example)).from.runtime

describe('what a node runs on', () => {
  test.each([
    ['unix:///run/containerd/containerd.sock', 'containerd'], ['unix:///var/run/crio/crio.sock', 'cri-o'], ['unix:///var/run/cri-dockerd.sock', 'cri-dockerd'],
    ['unix:///var/run/dockershim.sock', 'cri-dockerd'], ['unix:///run/docker/containerd/containerd.sock', 'containerd'],
  ])('is told by the endpoint %s: %s', async (endpoint, runtime) => expect(await runtimeOf(kubelet(endpoint))).toBe(runtime))

  test.each([['docker', 'cri-dockerd'], ['cri-o', 'cri-o'], ['containerd', 'containerd']])('is what answers at an endpoint whose name says nothing: %s', async (runtimeName, runtime) => {
    const answer = {apiVersions: ['v1'], runtimeName, runtimeVersion: '1', conditions: [], handlers: [], pods: [], containers: []}
    expect(await runtimeOf(kubelet('unix:///run/own.sock', {files: {'/run/own.sock': {socket: true}}, answers: {'cri /run/own.sock': answer}}))).toBe(runtime)
  })

  test('is what is configured at an endpoint of its own', async () => {
    expect(await runtimeOf(kubelet('unix:///run/own.sock', {processes: {640: '/usr/bin/containerd --address /run/own.sock'}}))).toBe('containerd')
  })

  test('is dockershim inside a kubelet that has one', async () => {
    const {from} = await needsOf(dockerNode())
    expect(from).toMatchObject({runtime: 'dockershim', endpoint: {value: 'unix:///var/run/dockershim.sock'}, dockerSocket: '/run/docker.sock', versions: {docker: '20.10.24'}})
  })

  test('without a kubelet is what a kubelet would find, what runs first', async () => {
    expect(await runtimeOf({processes: {812: '/usr/bin/dockerd', 640: '/usr/bin/containerd'}})).toBe('dockershim')
    expect(await runtimeOf({processes: {640: '/usr/bin/containerd'}, files: {'/var/lib/docker/containers': {directory: true}}})).toBe('containerd')
    expect(await runtimeOf({processes: {640: '/usr/bin/crio'}})).toBe('cri-o')
  })

  test('has no socket of a dockerd that does not run', async () => {
    const {from} = await needsOf({files: {'/var/lib/docker/containers': {directory: true}, '/etc/docker/daemon.json': '{}'}})
    expect(from.dockerSocket).toBeUndefined()
    expect(from.dockerDataRoot).toBe('/var/lib/docker')
  })
})

describe('a node that has to go another way', () => {
  test.each([
    ['/usr/local/bin/k3s agent --docker', 'k3s', /--docker/], ['/usr/local/bin/rke2 agent', 'rke2', /\/etc\/rancher\/rke2/], ['/usr/local/bin/k0s worker', 'k0s', /k0s brings/],
    ['/snap/microk8s/1/kubelite --kubelet-args-file=/var/snap/microk8s/1/args/kubelet', 'microk8s', /MicroK8s/],
  ])('is one of a platform: %s', async (argv, platform, way) => {
    const needs = await needsOf({processes: {700: argv}})
    expect(needs.from.generatedBy).toEqual({value: platform, source: 'argv of pid 700'})
    expect(needs.kubelet.embedded).toEqual(needs.from.generatedBy)
    const [remark] = remarksOn(needs, new RegExp(`^${platform} carries the kubelet`))
    expect(remark?.level).toBe('blocker')
    expect(remark?.next).toMatch(way)
  })

  test('is one whose kubelet is a child of a platform', async () => {
    const {from} = await needsOf({processes: {690: '/usr/local/bin/rke2 agent', 700: {argv: ['/var/lib/rancher/rke2/bin/kubelet', '--container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock'], ppid: 690}}})
    expect(from.generatedBy).toEqual({value: 'rke2', source: 'argv of pid 690'})
  })

  test('is one with a kubelet in a container of Docker', async () => {
    const needs = await needsOf({processes: {690: '/usr/bin/dockerd', 700: {argv: ['kubelet', '--network-plugin=cni'], ppid: 690, cgroup: `/docker/${'3f2a'.repeat(16)}`}}})
    expect(remarksOn(needs, /runs in the Docker container 3f2a3f2a3f2a/)).toMatchObject([{level: 'blocker'}])
    expect(needs.kubelet.embedded?.value).toBe('Docker container 3f2a3f2a3f2a')
    expect((await needsOf(dockerNode())).kubelet.embedded).toBeUndefined()
  })

  test('is one whose Docker is elsewhere', async () => {
    expect(remarksOn(await needsOf(dockerNode({kubelet: '--docker-endpoint=tcp://10.0.0.9:2375'})), /Docker elsewhere/)).toMatchObject([{level: 'blocker', source: '/var/lib/kubelet/kubeadm-flags.env:1'}])
    expect(remarksOn(await needsOf(dockerNode({kubelet: '--docker-endpoint=unix:///run/docker.sock'})), /elsewhere/)).toEqual([])
  })

  test('is one with Windows', async () => {
    expect(remarksOn(await needsOf(kubelet('npipe:////./pipe/docker_engine')), /Windows node/)).toMatchObject([{level: 'blocker', source: 'argv of pid 700'}])
    expect(remarksOn(await needsOf(dockerNode({files: {'/etc/os-release': 'PRETTY_NAME="Windows Server 2022"\n'}})), /Windows node/)).toHaveLength(1)
  })

  test('is one that was read where there is nothing to see', async () => {
    const reader = {state: 'ok', value: {uid: 0, pid: 1, platform: 'darwin', time: '2026-01-01T00:00:00Z'}, source: 'process'} as const
    const base = dockerNode()
    const {readNode} = await import('../../../src/app/preflight/nodes.ts')
    const {exampleHost} = await import('../../support/example-host.ts')
    const {facts} = await readNode(exampleHost(base), 'x')
    expect(remarksOn(await needsOf(base, {facts: {machine: {...facts.machine, reader}}}), /read on darwin/)).toMatchObject([{level: 'blocker'}])
    expect(remarksOn(await needsOf(base, {facts: {machine: {...facts.machine, reader: {...reader, value: {...reader.value, platform: 'linux'}}}}}), /read on/)).toEqual([])
  })

  test('is one without systemd, which has the script', async () => {
    const needs = await needsOf(dockerNode({files: {'/proc/1/comm': 'openrc-init\n'}}))
    expect(needs.from.systemd).toBe(false)
    expect(remarksOn(needs, /openrc-init, not systemd/)).toMatchObject([{level: 'note', next: expect.stringContaining('-o script') as string}])
    const usual = await needsOf(dockerNode())
    expect([usual.from.systemd, remarksOn(usual, /not systemd/)]).toEqual([true, []])
  })
})

describe('containers that are not of Kubernetes', () => {
  const own = (name: string, image: string, labels = {}) => withContainers(dockerContainer(1, {name, image, labels}))

  test.each([
    ['docker run', own('backup', 'backup:1'), 'loss', /backup runs in no pod \(`docker run`\)/], ['Compose', own('shop-web-1', 'nginx', {'com.docker.compose.project': 'shop'}), 'loss', /a Compose project/],
    ['etcd', own('etcd1', 'quay.io/coreos/etcd:v3.5'), 'blocker', /part of the control plane, or etcd/],
  ])('are named: %s', async (_what, containers, level, words) => {
    const needs = await needsOf(dockerNode(containers))
    expect(needs.from.foreignContainers).toHaveLength(1)
    expect(remarksOn(needs, words)).toMatchObject([{level}])
    const stays = await needsOf(dockerNode({...containers, upgrade: {target: 'cri-dockerd'}}))
    expect([stays.from.foreignContainers.length, remarksOn(stays, words)]).toEqual([1, []])
  })

  test('in a swarm are a blocker, unless Docker stays', async () => {
    const info = {Swarm: {LocalNodeState: 'active'}}
    expect(remarksOn(await needsOf(dockerNode({info})), /part of a swarm \(active\)/)).toMatchObject([{level: 'blocker', source: 'docker /run/docker.sock'}])
    expect(remarksOn(await needsOf(dockerNode({info, upgrade: {target: 'cri-dockerd'}})), /swarm/)).toEqual([])
    expect(remarksOn(await needsOf(dockerNode()), /swarm/)).toEqual([])
  })
})

describe('what could not be looked at', () => {
  const BLOCKERS: readonly (keyof NodeFacts)[] = ['kubeletFlags', 'runtimeProxies', 'dockerSettings', 'dockerLogging', 'dockerCertificates']
  const NOTES: readonly (keyof NodeFacts)[] = ['staticPods', 'forwarding', 'bridgeNetfilter', 'firewall', 'unpushedImages', 'registryCredentials', 'dockerDisk', 'storage', 'links']

  test.each([...BLOCKERS.map((key) => [key, 'blocker'] as const), ...NOTES.map((key) => [key, 'note'] as const)])('of %s is a %s with its place and reason', async (key, level) => {
    const needs = await needsOf(dockerNode(), {known: {[key]: unreadable('/the/place', 'EACCES', 'not for you')}})
    expect(remarksOn(needs, /not for you\. It is not taken for absent/)).toMatchObject([{level, source: '/the/place', next: expect.any(String) as string}])
  })

  test('of processes is a blocker, also where some are hidden', async () => {
    const {readNode} = await import('../../../src/app/preflight/nodes.ts')
    const {exampleHost} = await import('../../support/example-host.ts')
    const {facts: {processes}} = await readNode(exampleHost(dockerNode()), 'x')
    const hidden = unreadable('/proc/1/mounts', 'EACCES', 'hidepid')
    expect(remarksOn(await needsOf(dockerNode(), {facts: {processes: {...processes, hidden}}}), /processes of other users: hidepid/)).toMatchObject([{level: 'blocker'}])
    expect(remarksOn(await needsOf(dockerNode(), {facts: {processes: {...processes, all: hidden}}}), /processes of this host/)).toMatchObject([{level: 'blocker'}])
  })

  test('of containerd matters where pods run in it', async () => {
    const containerdConfigs = unreadable('/etc/containerd/config.toml', 'malformed', 'line 3')
    const on = kubelet('unix:///run/containerd/containerd.sock', {processes: {640: '/usr/bin/containerd'}})
    expect(remarksOn(await needsOf(on, {known: {containerdConfigs}}), /line 3/)).toMatchObject([{level: 'blocker'}])
    expect(remarksOn(await needsOf(dockerNode(), {known: {containerdConfigs}}), /line 3/)).toEqual([])
  })

  test('of Docker does not matter where pods do not run in it', async () => {
    const on = kubelet('unix:///run/containerd/containerd.sock', {processes: {640: '/usr/bin/containerd'}})
    expect(remarksOn(await needsOf(on, {known: {dockerSettings: unreadable('/x', 'EACCES')}}), /settings of Docker/)).toEqual([])
  })

  test('of containers is no matter where dockerd told them', async () => {
    const files = {'/var/lib/docker/containers': {unreadable: true}} as const
    const ask = {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {CgroupDriver: 'cgroupfs'}, containers: []}
    expect(remarksOn(await needsOf(dockerNode({files})), /the containers of Docker/)).toMatchObject([{level: 'blocker'}])
    expect(remarksOn(await needsOf(dockerNode({files, answers: {'docker /run/docker.sock containers': ask}})), /the containers of Docker/)).toEqual([])
  })

  test('of the kubelet leaves its name and version open, and says so', async () => {
    const needs = await needsOf(dockerNode({answers: {'kubelet version /usr/bin/kubelet': 'nonsense'}}))
    expect(needs.kubelet.version).toBeUndefined()
    expect(remarksOn(needs, /version of the kubelet is not known/)).toMatchObject([{level: 'note'}])
  })
})

describe('the kubelet', () => {
  test('has the name of its Node from the flag, else from the host, in lower case', async () => {
    expect((await needsOf(dockerNode({kubelet: '--hostname-override=Node-A'}))).kubelet.nodeName).toBe('node-a')
    expect((await needsOf(dockerNode({files: {'/proc/sys/kernel/hostname': 'Web-7\n', '/etc/hostname': 'Web-7\n'}}))).node).toBe('web-7')
  })

  test('without any name is a blocker', async () => {
    const needs = await needsOf(dockerNode({files: {'/proc/sys/kernel/hostname': {unreadable: true}, '/etc/hostname': {unreadable: true}}}))
    expect(needs.kubelet.nodeName).toBe('')
    expect(remarksOn(needs, /name of the Node object is not known/)).toMatchObject([{level: 'blocker'}])
  })

  test('is managed by kubeadm where that left its file, or its configuration', async () => {
    const bare: NodeExample = {processes: {700: '/usr/bin/kubelet --network-plugin=cni --config=/c.yaml'}, files: {'/c.yaml': 'kind: KubeletConfiguration\n'}}
    expect((await needsOf(bare)).kubelet).toMatchObject({kubeadm: false, configFile: '/c.yaml'})
    expect((await needsOf(dockerNode())).kubelet.kubeadm).toBe(true)
  })
})
