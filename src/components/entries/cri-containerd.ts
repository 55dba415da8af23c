// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const criContainerd: Component = {
  name: 'CRI-containerd',
  aliases: ['cri-containerd', 'cri-containerd daemon', 'containerd/cri'],
  layer: 'cri',
  role: 'daemon',
  brief: 'the CRI daemon of containerd 1.0 (replaced)',
  what: 'The first CRI server for containerd: a daemon of its own between the kubelet and containerd 1.0.',
  why:
    'It took Docker and dockershim out of the path. It still cost one process and one gRPC hop, so containerd ' +
    '1.1 took it in as a plugin.',
  standards: ['CRI', 'CNI'],
  calledBy: ['kubelet'],
  calls: ['containerd'],
  history:
    'Begun 2017-04 in kubernetes-incubator; beta for containerd 1.0 (2017-12), CRI v1alpha1, Kubernetes 1.7 to ' +
    '1.9; replaced by the CRI plugin in containerd 1.1 (2018-04); end of life with it.',
  see: 'pgrep -a cri-containerd; socket: /run/cri-containerd.sock',
  sources: [
    'https://kubernetes.io/blog/2018/05/24/kubernetes-containerd-integration-goes-ga/',
    'https://github.com/containerd/cri',
  ],
  fingerprints: [{program: 'cri-containerd'}, {program: /^cri-containerd-[0-9.]/}],
}
