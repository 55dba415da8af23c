// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const criPlugin: Component = {
  name: 'CRI plugin',
  aliases: [
    'containerd-plugin',
    'containerd plugin',
    'containerd cri plugin',
    'io.containerd.grpc.v1.cri',
    'io.containerd.cri.v1.runtime',
    'cri-plugin',
  ],
  layer: 'cri',
  role: 'plugin',
  brief: 'the part of containerd that speaks CRI',
  what:
    'The part of containerd that speaks CRI on containerd\'s own socket and keeps its containers in the ' +
    'namespace k8s.io.',
  why:
    'It calls containerd by function call instead of gRPC, which took one daemon out of every pod start. ' +
    'Docker\'s packages ship containerd with it disabled.',
  standards: ['CRI', 'CNI'],
  calledBy: ['kubelet', 'crictl'],
  calls: ['containerd', 'CNI'],
  history:
    'In containerd 1.1 (2018-04), from the CRI-containerd daemon; moved into the main repository for 1.5 ' +
    '(2021-05); split into runtime and image plugins, CRI v1 only, in 2.0 (2024-11).',
  see: 'ctr plugins ls | grep cri; disabled_plugins in /etc/containerd/config.toml',
  sources: [
    'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    'https://kubernetes.io/blog/2018/05/24/kubernetes-containerd-integration-goes-ga/',
  ],
  fingerprints: [],
}
