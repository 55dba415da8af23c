// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kataShim: Component = {
  name: 'kata-shim',
  aliases: [],
  layer: 'shim',
  role: 'shim',
  brief: 'Kata 1.x: stands for one process in the VM',
  what: 'Kata 1.x: the stand-in, on the host, of one container process in the virtual machine.',
  why:
    'The manager expects a pid to watch; the real process is in the VM, so kata-shim passes stdio, signals and ' +
    'the exit code.',
  standards: [],
  calledBy: ['containerd-shim', 'conmon'],
  calls: ['kata-proxy'],
  history: 'Kata 1.0 (2018-05), from cc-shim; gone with 2.0 (2020-10).',
  see: 'pgrep -a kata-shim',
  sources: ['https://github.com/kata-containers/shim'],
  fingerprints: [{program: 'kata-shim'}],
}
