// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const promtail: Component = {
  name: 'promtail',
  aliases: ['grafana alloy', 'alloy', 'grafana-agent', 'loki agent'],
  layer: 'agent',
  role: 'agent',
  brief: 'Loki\'s log shipper, now Alloy',
  what: 'Grafana Loki\'s log shipper; Alloy has followed it.',
  why: 'It reads log files (stages docker or cri), or discovers containers through docker.sock.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/pods', 'dockerd'],
  history: '2018-12 with Loki; Alloy 2024-04.',
  see: 'pgrep -af "promtail|alloy"',
  sources: ['https://grafana.com/docs/loki/latest/send-data/promtail/'],
  fingerprints: [{program: 'promtail'}, {program: 'alloy'}, {program: 'grafana-agent'}],
}
