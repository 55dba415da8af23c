// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {fixtureNames} from '../../golden/goldens.ts'
import {needsOfCaptured, remarksOn, verdictOf} from './support.ts'

describe('the needs of the captured node with dockershim', () => {
  const needs = needsOfCaptured('dockershim-node')

  test('come from Docker 20.10 below a kubelet 1.20 that kubeadm set up', async () => {
    const {from, kubelet, node} = await needs
    expect(from).toMatchObject({runtime: 'dockershim', dockerSocket: '/run/docker.sock', dockerDataRoot: '/var/lib/docker', systemd: true})
    expect(from.versions).toEqual({kubelet: '1.20.2', docker: '20.10.24+dfsg1', containerd: '1.6.20~ds1'})
    expect(from.generatedBy).toBeUndefined()
    expect(kubelet).toMatchObject({version: '1.20', kubeadm: true, nodeName: 'lab-node', configFile: '/var/lib/kubelet/config.yaml'})
    expect(kubelet.flags.find(({name}) => name === 'network-plugin')?.source).toBe('/var/lib/kubelet/kubeadm-flags.env:1')
    expect(node).toBe('lab-node')
  })

  test('have the mirror of docker.io and the insecure registry with their lines, and no range', async () => {
    const {registries} = await needs
    expect(registries).toEqual([
      {host: 'docker.io', mirrors: [{value: 'https://mirror.lab.example', source: '/etc/docker/daemon.json:6'}]},
      {host: 'registry.lab.example:5000', mirrors: [], insecure: {value: 'registry.lab.example:5000', source: '/etc/docker/daemon.json:7'}},
    ])
    expect(remarksOn(await needs, /10\.20\.0\.0\/16/)).toMatchObject([{level: 'loss', source: '/etc/docker/daemon.json:7'}])
  })

  test('have the limits of containers and the rotation of their logs', async () => {
    const {ulimits, logs, daemonOpenFiles} = await needs
    expect(ulimits['nofile']).toEqual({value: {soft: 8192, hard: 16384}, source: '/etc/docker/daemon.json:8'})
    expect(daemonOpenFiles?.value).toEqual({soft: 20000, hard: 20000})
    expect(logs).toMatchObject({maxSize: {value: '10Mi', source: '/etc/docker/daemon.json:4'}, maxFiles: {value: 3}, driver: {value: 'json-file'}})
  })

  test('have the systemd driver that Docker says, the sandbox image of the flag and the folders of CNI', async () => {
    const {cgroup, sandboxImage, cni, defaultRuntime} = await needs
    expect(cgroup).toEqual({driver: {value: 'systemd', source: 'docker /run/docker.sock'}, mode: 'hybrid'})
    expect(sandboxImage).toEqual({value: 'lab/pause:3.2', source: '/var/lib/kubelet/kubeadm-flags.env:1'})
    expect(cni).toMatchObject({confDir: {value: '/etc/cni/net.d'}, binDirs: {value: ['/opt/cni/bin']}})
    expect(defaultRuntime.value).toBe('runc')
  })

  test('have what Docker made of the kernel, and what it leaves there', async () => {
    const {kernel} = await needs
    expect(kernel.modules.map(({value}) => value)).toEqual(['overlay', 'br_netfilter'])
    expect(Object.keys(kernel.sysctls)).toEqual(['net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables'])
    expect(kernel.links).toEqual(['docker0'])
    expect(kernel.chains).toEqual(['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'])
  })

  test('have the images as the pods name them, those of nobody else included', async () => {
    const {images} = await needs
    expect(images.map(({name}) => name)).toEqual(['lab/busybox:1.35', 'local/report:7'])
    expect(images[1]).toEqual({name: 'local/report:7', localOnly: true, pods: ['default/report']})
    expect(images[0]?.pods).toContain('kube-system/node-cache-lab-node')
  })

  test('name the container that Kubernetes does not know', async () => {
    const all = await needs
    expect(all.from.foreignContainers.map(({name}) => name)).toEqual(['legacy-cron'])
    expect(remarksOn(all, /legacy-cron/)).toMatchObject([{level: 'loss'}])
    expect(remarksOn(await needsOfCaptured('dockershim-node', {target: 'cri-dockerd'}), /legacy-cron/)).toEqual([])
  })

  test('have a row for each key of daemon.json, each flag of dockerd and each flag of the kubelet that goes', async () => {
    const {verdicts} = await needs
    expect(verdicts.map(({setting}) => setting)).toEqual([
      'daemon.json exec-opts', 'daemon.json log-driver', 'daemon.json log-opts', 'daemon.json storage-driver', 'daemon.json registry-mirrors',
      'daemon.json insecure-registries', 'daemon.json default-ulimits', 'dockerd --host', 'dockerd --containerd', 'docker.service EnvironmentFile',
      'docker.service LimitNOFILE', 'docker.service LimitNPROC', 'docker.service LimitCORE', 'docker.service TasksMax', 'kubelet --network-plugin',
      'kubelet --pod-infra-container-image',
    ])
    expect(verdicts.filter(({setting}) => setting.startsWith('d')).every(({verdict}) => verdict['cri-dockerd'].fate === 'stays')).toBe(true)
  })

  test('do not count limits of docker.service that containers do not have, as containerd starts them', async () => {
    expect(verdictOf(await needs, 'docker.service LimitNOFILE').verdict.containerd).toMatchObject({fate: 'not-needed', reason: expect.stringContaining('containerd.service') as string})
  })

  test('have no blocker', async () => {
    expect((await needs).remarks.filter(({level}) => level === 'blocker')).toEqual([])
  })
})

describe('the needs of other captured nodes', () => {
  test('of a node on containerd are those of containerd, not of the Docker that was there', async () => {
    const needs = await needsOfCaptured('containerd-node')
    expect(needs.from).toMatchObject({runtime: 'containerd', versions: {containerd: '1.6.20~ds1'}})
    expect(needs.sandboxImage).toEqual({value: 'lab/pause:3.2', source: 'cri /run/containerd/containerd.sock'})
    expect(needs.cni.binDirs).toEqual({value: ['/usr/lib/cni'], source: '/etc/containerd/config.toml'})
    expect(needs.cgroup.driver).toEqual({value: 'systemd', source: '/var/lib/kubelet/config.yaml'})
    expect([needs.registries, needs.ulimits, needs.logs, needs.runtimes]).toEqual([[], {}, {}, []])
    expect(needs.verdicts.map(({setting}) => setting).filter((setting) => setting.startsWith('daemon.json'))).toEqual([])
    expect(verdictOf(needs, 'config.toml io.containerd.grpc.v1.cri sandbox_image').source).toBe('/etc/containerd/config.toml:5')
    expect(verdictOf(needs, 'kubelet --pod-infra-container-image').verdict.containerd.fate).toBe('not-needed')
  })

  test('name an image once, however the runtime and the pods write it', async () => {
    expect((await needsOfCaptured('containerd-node')).images.map(({name}) => name)).toEqual(['lab/busybox:1.35', 'local/report:7'])
  })

  test('leave containers of a Docker that stays alone', async () => {
    const needs = await needsOfCaptured('two-engines')
    expect(needs.from.foreignContainers.map(({name}) => name).sort()).toEqual(['shop-web-1', 'shop-worker-1'])
    expect(remarksOn(needs, /shop-/)).toEqual([])
  })

  test('name containers of other namespaces of containerd where it goes, and only there', async () => {
    expect(remarksOn(await needsOfCaptured('two-containerds', {target: 'cri-o'}), /job-1.*namespace batch/)).toMatchObject([{level: 'loss'}])
    expect(remarksOn(await needsOfCaptured('two-containerds'), /job-1/)).toEqual([])
  })

  test('of a host without a kubelet are a blocker', async () => {
    for (const name of ['docker-only', 'containerd-only', 'empty-host']) {
      expect(remarksOn(await needsOfCaptured(name), /no kubelet/), name).toMatchObject([{level: 'blocker'}])
    }
  })

  test('of a dockerd that hangs are a blocker, and still have what its files say', async () => {
    const needs = await needsOfCaptured('hung-dockerd')
    expect(remarksOn(needs, /what dockerd says of itself/)).toMatchObject([{level: 'blocker', source: 'docker /run/docker.sock'}])
    expect(needs.registries.map(({host}) => host)).toEqual(['docker.io', 'registry.lab.example:5000'])
    expect(needs.cgroup.driver).toEqual({value: 'systemd', source: '/var/lib/kubelet/config.yaml'})
    expect(needs.kernel.modules.map(({value}) => value)).toContain('br_netfilter')
  })

  test('that were read without rights say what could not be looked at, as blockers where it decides', async () => {
    const needs = await needsOfCaptured('unprivileged')
    const blockers = needs.remarks.filter(({level}) => level === 'blocker').map(({text}) => text)
    for (const words of [/configuration of the kubelet/, /flags of the kubelet/, /what dockerd says/, /containers of Docker/, /cgroup driver/]) {
      expect(blockers.some((text) => words.test(text)), String(words)).toBe(true)
    }
    expect(remarksOn(needs, /rules of iptables/)).toMatchObject([{level: 'note'}])
    expect(remarksOn(needs, /no --network-plugin/)).toEqual([])
  })

  test.each(fixtureNames())('of %s are plain data with blockers first, each remark and row saying where and why', async (name) => {
    for (const target of ['containerd', 'cri-o', 'cri-dockerd'] as const) {
      const needs = await needsOfCaptured(name, {target})
      expect(JSON.parse(JSON.stringify(needs))).toEqual(needs)
      const order = needs.remarks.map(({level}) => ['blocker', 'loss', 'note'].indexOf(level))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      expect(needs.remarks.filter(({level, next}) => level !== 'note' && next === undefined)).toEqual([])
      expect(needs.remarks.filter(({text}) => text.endsWith('.'))).toEqual([])
      for (const {verdict, source} of needs.verdicts) {
        expect(source).not.toBe('')
        for (const {reason} of Object.values(verdict)) expect(reason).toMatch(/\.$/)
      }
    }
  })
})
