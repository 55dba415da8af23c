// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kataProxy: Component = {
  name: 'kata-proxy',
  aliases: [],
  layer: 'sandbox',
  role: 'helper',
  brief: 'Kata 1.x: the line into the VM',
  what: 'Kata 1.x: passes many connections over one serial line to the agent in a virtual machine.',
  why: 'It was needed where the VM had no vsock; one per pod.',
  standards: [],
  calledBy: ['kata-runtime'],
  calls: ['kata-agent'],
  history: 'Kata 1.0 (2018-05); gone with 2.0 (2020-10).',
  see: 'pgrep -a kata-proxy',
  sources: ['https://github.com/kata-containers/proxy'],
  fingerprints: [{program: 'kata-proxy'}],
}
