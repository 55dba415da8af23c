// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kubernetes: Component = {
  name: 'Kubernetes',
  aliases: ['k8s', 'kube'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'the cluster manager on top of it all',
  what: 'A cluster manager that keeps the containers somebody declared running on a fleet of machines.',
  why:
    'It decides what runs where. On each machine it acts only through the kubelet, which speaks CRI to ' +
    'whatever runtime is there.',
  standards: ['CRI', 'CNI', 'CSI'],
  calledBy: ['kubectl', 'the API'],
  calls: ['kubelet'],
  history:
    'Announced by Google 2014-06, after Borg; 1.0 on 2015-07-21, given to the new CNCF the same day; CRI in ' +
    '1.5 (2016-12); dockershim deprecated in 1.20 (2020-12-08) and removed in 1.24 (2022-05-03).',
  see: 'kubectl get nodes -o wide (the last column names the runtime)',
  sources: [
    'https://kubernetes.io/blog/2018/07/20/the-history-of-kubernetes-the-community-behind-it/',
    'https://kubernetes.io/releases/',
  ],
  fingerprints: [],
}
