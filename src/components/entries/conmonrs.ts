// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const conmonrs: Component = {
  name: 'conmonrs',
  aliases: ['conmon-rs'],
  layer: 'shim',
  role: 'shim',
  brief: 'conmon in Rust, one per pod',
  what: 'conmon written anew in Rust: one server per pod, spoken to over Cap\'n Proto on a socket.',
  why: 'One process watches all containers of a pod, so fewer processes and less memory than one conmon each.',
  standards: [],
  calledBy: ['CRI-O'],
  calls: ['crun', 'runc'],
  history: 'Begun 2021; first release 2022; experimental in CRI-O since 1.25 (2022-08, runtime_type = "pod").',
  see: 'pgrep -a conmonrs',
  sources: ['https://github.com/containers/conmon-rs', 'https://github.com/cri-o/cri-o/pull/5839'],
  fingerprints: [{program: 'conmonrs'}],
}
