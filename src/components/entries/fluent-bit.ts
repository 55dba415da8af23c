// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const fluentBit: Component = {
  name: 'fluent-bit',
  aliases: ['fluentbit', 'td-agent-bit'],
  layer: 'agent',
  role: 'agent',
  brief: 'log collector in C',
  what: 'A small log collector in C.',
  why: 'It reads log files; parser docker or cri must fit the runtime.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/containers', 'dockerd'],
  history: 'Begun 2014-2015, sub-project of fluentd.',
  see: 'pgrep -a fluent-bit',
  sources: ['https://docs.fluentbit.io/', 'https://github.com/fluent/fluent-bit'],
  fingerprints: [{program: 'fluent-bit'}, {program: 'td-agent-bit'}],
}
