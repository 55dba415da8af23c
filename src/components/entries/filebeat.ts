// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const filebeat: Component = {
  name: 'filebeat',
  aliases: ['elastic beats', 'metricbeat', 'elastic-agent'],
  layer: 'agent',
  role: 'agent',
  brief: 'Elastic\'s log shipper',
  what: 'Elastic\'s log shipper, with metricbeat and the elastic-agent that manages them.',
  why: 'It reads log files; add_docker_metadata asks docker.sock and finds nothing without Docker.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['/var/log/containers', 'dockerd'],
  history: '2015.',
  see: 'pgrep -a filebeat',
  sources: [
    'https://www.elastic.co/docs/reference/beats/filebeat/add-docker-metadata',
    'https://github.com/elastic/beats',
  ],
  fingerprints: [{program: 'filebeat'}, {program: 'metricbeat'}, {program: 'elastic-agent'}, {program: 'agentbeat'}],
}
