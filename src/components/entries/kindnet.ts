// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kindnet: Component = {
  name: 'kindnet',
  aliases: ['kindnetd'],
  layer: 'network',
  role: 'daemon',
  brief: 'the network of kind nodes',
  what: 'The small CNI daemon of kind nodes.',
  why: 'It routes between the nodes of a test cluster.',
  standards: ['CNI'],
  calledBy: ['kind node'],
  calls: ['the kernel'],
  history: 'In kind since 2019.',
  see: 'pgrep -a kindnetd',
  sources: ['https://github.com/kubernetes-sigs/kind/tree/main/images/kindnetd'],
  fingerprints: [{program: 'kindnetd'}],
}
