// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const logDriver: Component = {
  name: 'log driver',
  aliases: ['logging driver', 'json-file', 'container log', 'cri log format', 'container logs'],
  layer: 'standard',
  role: 'standard',
  brief: 'where a container\'s output goes',
  what:
    'Where a container\'s output goes: Docker has drivers (json-file, journald, syslog …); CRI has one format, ' +
    'text files below /var/log/pods.',
  why:
    'With dockershim dockerd wrote and rotated JSON lines; with CRI the runtime writes and the kubelet ' +
    'rotates, so parsers and daemon.json settings must change.',
  standards: ['CRI'],
  calledBy: ['dockerd', 'containerd', 'CRI-O'],
  calls: ['/var/lib/docker/containers', '/var/log/pods'],
  history: 'Docker\'s log drivers came with 1.6 (2015-04); the CRI log format with Kubernetes 1.5 (2016-12).',
  see: 'docker info --format "{{.LoggingDriver}}"; ls -l /var/log/containers',
  sources: [
    'https://docs.docker.com/engine/logging/configure/',
    'https://kubernetes.io/docs/concepts/cluster-administration/logging/',
  ],
  fingerprints: [],
}
