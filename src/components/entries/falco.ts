// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const falco: Component = {
  name: 'falco',
  aliases: ['sysdig', 'sysdig agent', 'dragent'],
  layer: 'agent',
  role: 'agent',
  brief: 'security monitor, on runtime sockets',
  what: 'A security monitor that watches system calls; Sysdig\'s commercial agent is its relative.',
  why: 'It asks runtime sockets for container names: Docker\'s API, or CRI. libs ≤ 0.11 knew CRI v1alpha2 only.',
  standards: ['CRI'],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['dockerd', 'CRI'],
  history: 'Published by Sysdig 2016; CNCF 2018-10, graduated 2024-02.',
  see: 'pgrep -a falco',
  sources: ['https://falco.org/docs/', 'https://github.com/falcosecurity/libs/issues/2264'],
  fingerprints: [{program: 'falco'}, {program: 'dragent'}, {program: 'sysdig'}],
}
