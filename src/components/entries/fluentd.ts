// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const fluentd: Component = {
  name: 'fluentd',
  aliases: ['td-agent', 'fluent-package'],
  layer: 'agent',
  role: 'agent',
  brief: 'log collector in Ruby',
  what: 'A log collector in Ruby.',
  why: 'It reads log files, so the change from Docker\'s JSON lines to CRI\'s format concerns its parser.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/containers'],
  history: 'Begun by Treasure Data 2011; CNCF 2016-11, graduated 2019-04.',
  see: 'pgrep -af fluentd',
  sources: ['https://docs.fluentd.org/', 'https://github.com/fluent/fluentd'],
  fingerprints: [{program: 'fluentd'}, {program: 'td-agent'}, {program: /^(worker|supervisor):fluentd/}],
}
