// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerCompose: Component = {
  name: 'Docker Compose',
  aliases: ['docker-compose', 'compose', 'fig', 'docker compose'],
  layer: 'client',
  role: 'client',
  brief: 'starts an application\'s containers by Docker',
  what: 'A client that starts the containers of one application from a compose.yaml on one machine.',
  why:
    'It is not known to Kubernetes: containers with the label com.docker.compose.project are work beside the ' +
    'cluster and stop with Docker.',
  standards: [],
  calledBy: ['people', 'systemd units'],
  calls: ['dockerd'],
  history:
    'Began as Fig by Orchard (2013-12); Docker Compose from 1.1 (2015-02), with Swarm and Machine; V2 in Go, ' +
    'as a plugin of docker, 2021; V1 ended 2023-07.',
  see: 'docker ps --filter label=com.docker.compose.project; docker compose ls',
  sources: ['https://docs.docker.com/compose/', 'https://docs.docker.com/compose/intro/history/'],
  fingerprints: [{program: 'docker-compose'}],
}
