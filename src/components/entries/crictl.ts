// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const crictl: Component = {
  name: 'crictl',
  aliases: ['cri-tools'],
  layer: 'client',
  role: 'client',
  brief: 'a command line for every CRI runtime',
  what: 'A command line for any CRI runtime: pods, containers, images, logs, exec.',
  why:
    'It asks what the kubelet asks, so it works alike on containerd, CRI-O and cri-dockerd. It is a client of ' +
    'CRI, not a part of containerd.',
  standards: ['CRI'],
  calledBy: ['people'],
  calls: ['CRI plugin', 'CRI-O', 'cri-dockerd', 'dockershim'],
  history: 'In cri-tools since 2017; with kubeadm nodes since 1.11 (2018).',
  see: 'crictl info; endpoint in /etc/crictl.yaml',
  sources: ['https://github.com/kubernetes-sigs/cri-tools/blob/master/docs/crictl.md'],
  fingerprints: [{program: 'crictl'}],
}
