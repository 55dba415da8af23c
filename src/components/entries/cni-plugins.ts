// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cniPlugins: Component = {
  name: 'CNI plugins',
  aliases: ['cni plugin', 'bridge', 'portmap', 'host-local', 'loopback', 'containernetworking plugins'],
  layer: 'network',
  role: 'plugin',
  brief: 'commands that join pods to networks',
  what: 'Short-lived commands in /opt/cni/bin that join a pod\'s network namespace to a network.',
  why:
    'The runtime, not the kubelet, runs them when it makes or removes a pod sandbox (with dockershim it was ' +
    'the kubelet\'s process that ran them).',
  standards: ['CNI'],
  calledBy: ['CRI plugin', 'CRI-O', 'cri-dockerd', 'dockershim', 'rkt'],
  calls: ['the kernel', 'a CNI daemon'],
  history: 'From rkt\'s networking, 2015; plugins in a repository of their own since CNI 0.6 (2017).',
  see: 'ls /opt/cni/bin /etc/cni/net.d',
  sources: ['https://www.cni.dev/plugins/current/', 'https://github.com/containernetworking/plugins'],
  fingerprints: [],
}
