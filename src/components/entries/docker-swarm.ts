// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerSwarm: Component = {
  name: 'Docker Swarm',
  aliases: ['swarm', 'swarmkit', 'swarm mode', 'swarmd'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Docker\'s own cluster manager, inside dockerd',
  what: 'Docker\'s own cluster manager: services and tasks, built into dockerd since 1.12 (library swarmkit).',
  why:
    'It orders containers from the dockerd it runs in, without CRI. A node in a swarm has work that is not ' +
    'Kubernetes\' and is lost when Docker goes.',
  standards: ['CNM'],
  calledBy: ['docker'],
  calls: ['dockerd', 'libnetwork'],
  history: 'Standalone Swarm 2014-12, 1.0 in 2015-11; swarm mode inside the engine with Docker 1.12 (2016-07).',
  see: 'docker info --format "{{.Swarm.LocalNodeState}}"',
  sources: ['https://docs.docker.com/engine/swarm/', 'https://github.com/moby/swarmkit'],
  fingerprints: [{program: 'swarmd'}, {program: 'swarm', firstArgument: /^(manage|join|--debug)$/}],
}
