// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cni: Component = {
  name: 'CNI',
  aliases: ['container network interface'],
  layer: 'standard',
  role: 'standard',
  brief: 'how a container joins a network',
  what: 'The standard for joining a container to a network: a command that gets JSON, with ADD, DEL, CHECK.',
  why: 'The runtime calls it for each pod sandbox, so the network does not depend on which runtime it is.',
  standards: [],
  calledBy: ['CRI plugin', 'CRI-O', 'cri-dockerd', 'dockershim', 'nerdctl'],
  calls: ['CNI plugins'],
  history:
    'Proposed by CoreOS for rkt 2015; CNCF 2017-05; 1.0 in 2021-08; kubelet flags --network-plugin and --cni-* ' +
    'removed with dockershim in 1.24 (2022-05).',
  see: 'ls /etc/cni/net.d (the first file wins)',
  sources: ['https://www.cni.dev/docs/spec/', 'https://github.com/containernetworking/cni'],
  fingerprints: [],
}
