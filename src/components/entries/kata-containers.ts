// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kataContainers: Component = {
  name: 'Kata Containers',
  aliases: ['kata', 'kata container', 'katacontainers'],
  layer: 'sandbox',
  role: 'platform',
  brief: 'each pod in a light VM',
  what: 'Containers that each run, pod by pod, in a light virtual machine with a kernel of its own.',
  why:
    'For workloads that must not share the host\'s kernel. Kubernetes picks it with RuntimeClass; the images ' +
    'stay ordinary.',
  standards: ['OCI runtime-spec', 'containerd shim API v2'],
  calledBy: ['containerd', 'CRI-O'],
  calls: ['containerd-shim-kata-v2', 'QEMU', 'cloud-hypervisor', 'firecracker'],
  history:
    'Announced 2017-12-05 by the OpenStack Foundation (now OpenInfra) from Intel Clear Containers and Hyper ' +
    'runV; 1.0 in 2018-05; 2.0 in 2020-10; 3.0 in 2022-10.',
  see: 'kubectl get runtimeclass; pgrep -a containerd-shim-kata',
  sources: [
    'https://infoq.com/news/2017/12/openstack-kata-containers',
    'https://katacontainers.io/',
    'https://github.com/kata-containers/kata-containers',
  ],
  fingerprints: [],
}
