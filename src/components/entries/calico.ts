// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const calico: Component = {
  name: 'calico',
  aliases: ['calico-node', 'felix', 'calico-felix', 'project calico'],
  layer: 'network',
  role: 'daemon',
  brief: 'routed pod network with policies',
  what: 'Network and policy by plain routing (BGP, VXLAN or IPIP); Felix programs each node, BIRD speaks BGP.',
  why: 'Its daemon set runs on every node and does not use the runtime\'s socket.',
  standards: ['CNI'],
  calledBy: ['Kubernetes'],
  calls: ['the kernel'],
  history: 'Begun by Metaswitch 2014; Tigera since 2016.',
  see: 'pgrep -af calico-node',
  sources: [
    'https://docs.tigera.io/calico/latest/reference/architecture/overview',
    'https://github.com/projectcalico/calico',
  ],
  fingerprints: [
    {program: 'calico-node'},
    {program: 'calico-felix'},
    {program: 'calico-typha'},
    {program: 'bird', argument: /^\/(var\/run|etc)\/calico\//},
  ],
}
