// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {findComponent} from '../../../src/components/find.ts'
import type {Component} from '../../../src/model/component.ts'

// Five articles of 2020 to 2022 on Docker, containerd, CRI and OCI are what the glossary was first measured against.
// Here is what they name, listed by hand, with the date that is right today where they give one.

function component(term: string): Component {
  const found = findComponent(term)
  if (!('match' in found)) throw new Error(`the glossary has no ${term}`)
  return found.match
}

const history = (term: string) => component(term).history
const everything = (term: string) => JSON.stringify(component(term))

describe('every component, tool and term the articles name has its entry', () => {
  test.for([
    // Docker and its parts
    'docker', 'dockerd', 'docker engine', 'Docker Daemon', 'docker-ce', 'docker-ce-cli', 'docker-init', 'tini',
    'docker-proxy', 'docker-containerd', 'docker-containe', 'docker-containerd-shim', 'docker-runc', 'docker run --init',
    // containerd and its parts
    'containerd', 'containerd.io', 'containerd-shim', 'containerd-shim-runc-v1', 'containerd-shim-runc-v2', 'ctr',
    'CRI-Containerd', 'cri plugin', 'containerd-plugin', 'snapshotter', 'overlayfs', 'devicemapper',
    // OCI runtimes
    'runc', 'libcontainer', 'railcar', 'runv', 'Kata', 'kata containers', 'containerd-shim-kata-v2',
    'clear containers', 'gVisor', 'runsc', 'Sentry', 'firecracker', 'firecracker-containerd', 'microVM', 'KVM', 'QEMU',
    'LXC', 'LMCTFY', 'rkt', 'Rocket', 'App Container Specification', '安全沙箱', '安全沙箱容器',
    // Kubernetes and CRI servers
    'k8s', 'kubernetes', 'kubelet', 'kube-apiserver', 'dockershim', 'docker cri shim', 'cri-dockerd', 'cri-o', 'conmon',
    'frakti', 'crictl', 'critest', 'RuntimeClass', 'pod sandbox', 'PodSandbox', 'pod', 'Mirantis Container Runtime',
    // standards and organisations
    'CRI', 'Container Runtime Interface', 'RuntimeService', 'ImageService', 'OCI', 'Open Container Initiative',
    'runtime-spec', 'image-spec', 'distribution-spec', 'CNI', 'CNM', 'CSI', 'CNCF', 'shim', 'runtime',
    'high-level runtime', 'low-level runtime', 'namespace', 'cgroup', 'grpc', 'protocol buffers', 'docker image',
    // what stands around
    'docker swarm', 'Docker machine', 'Docker Compose', 'Borg', 'Mesos', 'libnetwork', 'notary', 'hyperkit',
    'Infrastructure Plumbing Manifesto', 'Windows Containers', 'flannel', 'aws cni', 'buildah', 'kaniko',
    'iLogtail', 'Logtail', 'json-file', 'cadvisor',
  ])('%s', (term) => {
    expect(component(term).what).not.toBe('')
  })
})

describe('every date the articles give is there, corrected where it was wrong or has moved', () => {
  test.for([
    ['dockerd', 'Docker published 2013-03'],
    ['docker swarm', '2014-12'],
    ['docker swarm', '1.0 in 2015-11'],
    ['docker machine', '2015-02'],
    ['docker compose', '2015-02'],
    ['kubernetes', '2014-06'],
    ['rkt', '2014-12-01'],
    ['rkt', 'Kubernetes 1.3 (2016-07)'],
    ['rkt', 'archived by the CNCF 2019-08'],
    ['OCI', '2015-06-22'],
    ['runtime-spec', '1.0 in 2017-07-19'],
    ['image-spec', '1.0 in 2017-07-19'],
    ['distribution-spec', '1.0 in 2021-05'],
    ['CNCF', '2015-07-21'],
    ['CNCF', 'containerd and rkt came in 2017-03'],
    ['windows containers', 'Windows Server 2016 (2016-09/10)'],
    ['CRI', 'Kubernetes 1.5 (2016-12'],
    ['kata', '2017-12-05'],
    ['kata', '2.0 in 2020-10'],
    ['gvisor', '2018-05-02'],
    ['firecracker', '2018-11-26'],
    ['安全沙箱', '1.0 by 2019; 2.0, written anew by the vendor, from 2020'],
    ['containerd', '1.1 (2018-04)'],
    ['cri-containerd', 'containerd 1.0 (2017-12)'],
    ['cri plugin', 'containerd 1.1 (2018-04)'],
    ['cri-dockerd', 'Mirantis had bought Docker Enterprise 2019-11-13'],
    ['dockershim', 'deprecated in 1.20 (2020-12-08)'],
    ['ilogtail', '2021-11'],
  ] as const)('%s: %s', ([term, date]) => {
    expect(history(term)).toContain(date)
  })

  test('dockershim went in 1.24, not in 1.22 or 1.23, and its removal was proposed in 2020-09, not decided in 2020-07', () => {
    expect(history('dockershim')).toContain('planned to go in 1.22, then 1.23, gone in 1.24 (2022-05-03)')
    expect(history('dockershim')).toContain('KEP-2221 (2020-09-14)')
  })

  test('containerd is in Docker since 1.11, not 1.12, and went to the CNCF in 2017, not 2016', () => {
    expect(history('containerd')).toContain('Docker 1.11 (2016-04)')
    expect(history('containerd')).toContain('to the CNCF 2017-03')
  })

  test('libcontainer and runc went to the OCI, not to the CNCF', () => {
    expect(history('runc')).toContain('to the OCI, not to the CNCF')
    expect(history('libcontainer')).toContain('given to the OCI 2015-06')
  })

  test('the OCI keeps three specifications, not two', () => {
    expect(component('OCI').what).toMatch(/three: runtime-spec, image-spec, distribution-spec/)
  })

  test('containerd\'s default snapshotter is overlayfs, not devicemapper', () => {
    expect(history('containerd')).toContain('default snapshotter is overlayfs, not devicemapper')
  })

  test('rkt is no OCI runtime, and containerd no kind of CRI', () => {
    expect(everything('rkt')).toContain('never was an OCI runtime')
    expect(component('rkt').standards).not.toContain('OCI runtime-spec')
    expect(component('runtime').why).toContain('containerd is not a kind of CRI')
  })

  test('a shim is no CRI plugin, and the handler runv of a cloud vendor is not HyperHQ\'s runV', () => {
    expect(component('安全沙箱').why).toContain('A shim is no CRI plugin')
    expect(component('runv').why).toContain('not this program')
  })

  test('crictl and critest are clients of CRI, not parts of containerd', () => {
    expect(component('crictl').why).toContain('not a part of containerd')
    expect(component('critest').why).toContain('not of containerd')
  })

  test('Mesos was not closed by the vote of 2021-04', () => {
    expect(history('mesos')).toMatch(/vote of 2021-04 .* called off; retired to the Attic 2025-08/)
  })

  test('CNI came from CoreOS, and port forwarding of pods is not done by docker-proxy', () => {
    expect(history('CNI')).toContain('CoreOS')
    expect(component('docker-proxy').why).toContain('Pods never use it')
  })
})
