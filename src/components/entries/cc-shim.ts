// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ccShim: Component = {
  name: 'cc-shim',
  aliases: ['clear containers shim'],
  layer: 'shim',
  role: 'shim',
  brief: 'Clear Containers: stands for a process in the VM',
  what: 'Clear Containers: the stand-in, on the host, of one container process in the virtual machine.',
  why: 'As kata-shim, which came from it.',
  standards: [],
  calledBy: ['containerd-shim', 'docker-containerd-shim', 'conmon'],
  calls: ['cc-proxy'],
  history: 'Clear Containers 2.x and 3.0 (2017); merged into Kata Containers (announced 2017-12).',
  see: 'pgrep -a cc-shim',
  sources: ['https://github.com/clearcontainers/shim'],
  fingerprints: [{program: 'cc-shim'}],
}
