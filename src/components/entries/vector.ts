// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const vector: Component = {
  name: 'vector',
  aliases: ['vector.dev'],
  layer: 'agent',
  role: 'agent',
  brief: 'log and metric pipeline in Rust',
  what: 'A log and metric pipeline in Rust.',
  why: 'Its kubernetes_logs source reads both log formats by itself; docker_logs needs docker.sock.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/pods', 'dockerd'],
  history: 'Published by Timber 2019; Datadog since 2021.',
  see: 'pgrep -a vector',
  sources: ['https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/'],
  fingerprints: [{program: 'vector'}],
}
