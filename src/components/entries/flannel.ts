// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const flannel: Component = {
  name: 'flannel',
  aliases: ['flanneld', 'kube-flannel'],
  layer: 'network',
  role: 'daemon',
  brief: 'a simple overlay network',
  what: 'A simple overlay network: flanneld gives each node a subnet and connects them, by VXLAN as a rule.',
  why:
    'Its daemon writes /run/flannel/subnet.env, its CNI plugin reads that. It does not care which runtime is ' +
    'there.',
  standards: ['CNI'],
  calledBy: ['Kubernetes'],
  calls: ['the kernel'],
  history: 'By CoreOS, 2014-08 (as Rudder); in the flannel-io organisation since 2021.',
  see: 'pgrep -a flanneld; cat /run/flannel/subnet.env',
  sources: ['https://github.com/flannel-io/flannel'],
  fingerprints: [{program: 'flanneld'}],
}
