// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const opentelemetryCollector: Component = {
  name: 'OpenTelemetry Collector',
  aliases: ['otelcol', 'splunk otel collector'],
  layer: 'agent',
  role: 'agent',
  brief: 'collects logs, metrics and traces',
  what: 'The collector of the OpenTelemetry project and its vendors\' builds.',
  why: 'The container parser reads Docker, containerd and CRI-O logs; docker_stats needs docker.sock.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/pods', 'dockerd'],
  history: '2019.',
  see: 'pgrep -a otelcol',
  sources: ['https://opentelemetry.io/docs/collector/'],
  fingerprints: [{program: /^otelcol(-[a-z]+)?$/}],
}
