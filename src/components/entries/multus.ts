// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const multus: Component = {
  name: 'multus',
  aliases: ['multus-cni', 'multus-daemon'],
  layer: 'network',
  role: 'plugin',
  brief: 'several networks for one pod',
  what: 'A CNI plugin that calls other CNI plugins, so that a pod has several interfaces.',
  why:
    'Since version 4 it has a daemon that needs the host\'s runtime directories, among them the containerd or ' +
    'CRI-O ones.',
  standards: ['CNI'],
  calledBy: ['CRI plugin', 'CRI-O'],
  calls: ['CNI plugins'],
  history: 'Begun by Intel 2016; k8snetworkplumbingwg; thick daemon in 4.0 (2023).',
  see: 'pgrep -a multus-daemon; ls /etc/cni/net.d/00-multus.conf',
  sources: ['https://github.com/k8snetworkplumbingwg/multus-cni'],
  fingerprints: [{program: 'multus-daemon'}],
}
