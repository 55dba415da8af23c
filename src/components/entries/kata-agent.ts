// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kataAgent: Component = {
  name: 'kata-agent',
  aliases: [],
  layer: 'sandbox',
  role: 'agent',
  brief: 'makes containers inside a Kata VM',
  what: 'The program inside a Kata virtual machine that makes the containers there.',
  why: 'It does in the guest what runc does on the host. It is not visible in the host\'s process list.',
  standards: ['ttrpc'],
  calledBy: ['containerd-shim-kata-v2', 'kata-proxy'],
  calls: ['the guest\'s kernel'],
  history: 'In Go from Kata 1.0 (2018-05), rewritten in Rust for 2.0 (2020-10).',
  see: 'kata-runtime exec SANDBOX (with debug console on)',
  sources: ['https://github.com/kata-containers/kata-containers/tree/main/src/agent'],
  fingerprints: [{program: 'kata-agent'}],
}
