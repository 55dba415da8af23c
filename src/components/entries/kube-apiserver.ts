// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kubeApiserver: Component = {
  name: 'kube-apiserver',
  aliases: ['apiserver', 'kube apiserver', 'kubernetes api'],
  layer: 'orchestration',
  role: 'daemon',
  brief: 'the Kubernetes API',
  what: 'The Kubernetes API: the one process that everything else, the kubelets too, reads from and writes to.',
  why:
    'It orders nothing itself: a kubelet sees a pod given to its node and calls its runtime. It is one for a ' +
    'whole cluster, so its tenants share it.',
  standards: [],
  calledBy: ['kubectl', 'kubelet', 'controllers'],
  calls: ['etcd', 'kubelet'],
  history: 'Part of Kubernetes from 2014.',
  see: 'pgrep -a kube-apiserver (control plane nodes)',
  sources: ['https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/'],
  fingerprints: [{program: 'kube-apiserver'}, {program: 'hyperkube', firstArgument: /^\/?(kube-)?apiserver$/}],
}
