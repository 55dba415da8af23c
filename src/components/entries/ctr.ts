// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ctr: Component = {
  name: 'ctr',
  aliases: ['containerd ctr', 'containerd cli'],
  layer: 'client',
  role: 'client',
  brief: 'containerd\'s command line for debugging',
  what: 'containerd\'s own command line, for debugging.',
  why:
    'It shows what is there in every namespace. It knows no pods and reads no CRI settings, so what it pulls ' +
    'or runs is not what the kubelet would.',
  standards: [],
  calledBy: ['people'],
  calls: ['containerd'],
  history: 'With containerd since 2015-12; Docker shipped it as docker-containerd-ctr until 18.06 (2018-07).',
  see: 'ctr namespaces ls; ctr -n k8s.io containers ls',
  sources: ['https://github.com/containerd/containerd/tree/main/cmd/ctr'],
  fingerprints: [{program: 'ctr'}],
}
