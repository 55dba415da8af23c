// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const hyperd: Component = {
  name: 'hyperd',
  aliases: ['hyper', 'hyperhq'],
  layer: 'engine',
  role: 'daemon',
  brief: 'HyperHQ\'s daemon for pods in VMs (retired)',
  what: 'HyperHQ\'s daemon that ran pods in virtual machines through runV.',
  why: 'frakti used it as the engine behind CRI.',
  standards: [],
  calledBy: ['frakti', 'hyperctl'],
  calls: ['runV', 'QEMU'],
  history: 'Published 2015 by HyperHQ; ended when runV went into Kata Containers (2017-12).',
  see: 'pgrep -a hyperd; socket: /var/run/hyper.sock',
  sources: ['https://github.com/hyperhq/hyperd'],
  fingerprints: [{program: 'hyperd'}],
}
