// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockershim: Component = {
  name: 'dockershim',
  aliases: ['docker shim', 'docker-shim', 'docker cri shim'],
  layer: 'cri',
  role: 'library',
  brief: 'CRI for Docker inside the kubelet, until 1.23',
  what:
    'A CRI server for Docker that was compiled into the kubelet: it took CRI calls on /var/run/dockershim.sock ' +
    'and turned them into Docker API calls.',
  why:
    'Docker Engine never learnt CRI, so Kubernetes carried the translation itself, and had to follow every ' +
    'change of Docker. It never was a process of its own.',
  standards: ['CRI', 'CRI v1alpha2'],
  calledBy: ['kubelet'],
  calls: ['dockerd', 'CNI'],
  history:
    'In Kubernetes 1.5 (2016-12); its removal proposed in KEP-2221 (2020-09-14); deprecated in 1.20 ' +
    '(2020-12-08); planned to go in 1.22, then 1.23, gone in 1.24 (2022-05-03); cri-dockerd took over its code.',
  see: 'ls -l /var/run/dockershim.sock; kubelet ≤ 1.23 without --container-runtime=remote',
  sources: [
    'https://kubernetes.io/blog/2022/02/17/dockershim-faq/',
    'https://kubernetes.io/blog/2022/05/03/dockershim-historical-context/',
    'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2221-remove-dockershim',
    'https://github.com/kubernetes/kubernetes/blob/release-1.20/pkg/kubelet/dockershim/docker_service.go',
  ],
  fingerprints: [],
}
