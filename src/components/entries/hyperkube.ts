// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const hyperkube: Component = {
  name: 'hyperkube',
  aliases: [],
  layer: 'orchestration',
  role: 'platform',
  brief: 'all of Kubernetes in one binary, until 1.18',
  what: 'One binary that held all Kubernetes components and ran one of them by its first argument.',
  why:
    'It made one small image for every component: `hyperkube kubelet` is a kubelet, often itself in a Docker ' +
    'container (RKE1, CoreOS).',
  standards: [],
  calledBy: ['systemd', 'dockerd', 'rkt'],
  calls: ['kubelet', 'kube-proxy'],
  history: 'From 2014; deprecated in Kubernetes 1.17 (2019-12), no longer built from 1.19 (2020-08).',
  see: 'pgrep -a hyperkube',
  sources: [
    'https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.19.md',
    'https://github.com/kubernetes/kubernetes/pull/83454',
  ],
  fingerprints: [{program: 'hyperkube'}],
}
