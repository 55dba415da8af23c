// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const frakti: Component = {
  name: 'frakti',
  aliases: [],
  layer: 'cri',
  role: 'daemon',
  brief: 'CRI for pods in VMs by runV (retired)',
  what:
    'A CRI server that ran each pod in a virtual machine through hyperd and runV, and privileged pods through ' +
    'Docker.',
  why:
    'It showed that a hypervisor can stand behind CRI. RuntimeClass and Kata Containers made a separate CRI ' +
    'server for this needless.',
  standards: ['CRI', 'CRI v1alpha2'],
  calledBy: ['kubelet'],
  calls: ['hyperd', 'dockerd', 'CNI'],
  history:
    'Begun 2016 in kubernetes-incubator by HyperHQ; 1.0 in 2017; no longer developed, overtaken by Kata and ' +
    'RuntimeClass in 2018.',
  see: 'pgrep -a frakti; socket: /var/run/frakti.sock',
  sources: ['https://github.com/kubernetes-retired/frakti'],
  fingerprints: [{program: 'frakti'}],
}
