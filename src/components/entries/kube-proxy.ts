// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kubeProxy: Component = {
  name: 'kube-proxy',
  aliases: [],
  layer: 'network',
  role: 'daemon',
  brief: 'makes Service addresses work on a node',
  what: 'The Kubernetes daemon that makes Service addresses work on a node, with iptables, IPVS or nftables rules.',
  why:
    'It forwards to pods whatever runtime runs them: it needs no runtime socket, so it survives a change of ' +
    'runtime untouched.',
  standards: [],
  calledBy: ['Kubernetes'],
  calls: ['iptables, IPVS or nftables'],
  history: 'Part of Kubernetes from 2014; iptables mode the default since 1.2 (2016-03).',
  see: 'pgrep -a kube-proxy',
  sources: ['https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/'],
  fingerprints: [{program: 'kube-proxy'}, {program: 'hyperkube', firstArgument: /^\/?(kube-)?proxy$/}],
}
