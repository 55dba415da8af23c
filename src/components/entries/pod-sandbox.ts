// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const podSandbox: Component = {
  name: 'pod sandbox',
  aliases: ['sandbox', 'pod', 'podsandbox', 'RunPodSandbox'],
  layer: 'standard',
  role: 'standard',
  brief: 'CRI\'s word for a pod\'s environment',
  what: 'CRI\'s word for the environment of a pod: its namespaces and cgroup, or a virtual machine.',
  why:
    'The kubelet asks for it first (RunPodSandbox), then for containers in it. That a sandbox may be a VM lets ' +
    'Kata hold a pod in one.',
  standards: ['CRI'],
  calledBy: ['kubelet'],
  calls: ['pause container', 'containerd-shim-kata-v2', 'runsc-sandbox'],
  history: 'With CRI, Kubernetes 1.5 (2016-12).',
  see: 'crictl pods',
  sources: ['https://kubernetes.io/blog/2016/12/container-runtime-interface-cri-in-kubernetes/'],
  fingerprints: [],
}
