// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const criV1alpha2: Component = {
  name: 'CRI v1alpha2',
  aliases: ['v1alpha2', 'runtime.v1alpha2', 'cri alpha'],
  layer: 'standard',
  role: 'standard',
  brief: 'CRI as spoken until Kubernetes 1.25',
  what: 'The version of CRI that kubelets spoke from 1.10 to 1.25; the messages are those of v1.',
  why: 'Old log and security agents still ask for it, and fail when the runtime has dropped it.',
  standards: [],
  calledBy: ['kubelet ≤ 1.25', 'old agents'],
  calls: ['dockershim', 'CRI plugin', 'CRI-O', 'cri-dockerd'],
  history:
    'Kubernetes 1.10 (2018-03); dropped by the kubelet and CRI-O in 1.26 (2022-12), by containerd in 2.0 ' +
    '(2024-11), by cri-dockerd in 0.3.22.',
  see: 'ctr deprecations list (containerd 1.7)',
  sources: [
    'https://kubernetes.io/blog/2022/11/18/upcoming-changes-in-kubernetes-1-26/',
    'https://github.com/containerd/containerd/blob/main/RELEASES.md',
  ],
  fingerprints: [],
}
