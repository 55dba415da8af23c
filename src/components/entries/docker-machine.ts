// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerMachine: Component = {
  name: 'docker-machine',
  aliases: ['docker machine'],
  layer: 'client',
  role: 'client',
  brief: 'made VMs with Docker (retired)',
  what: 'A client that made virtual machines and installed Docker Engine on them.',
  why:
    'It was the provisioning third of Docker\'s platform of 2015 (Machine, Swarm, Compose); minikube\'s VM ' +
    'drivers come from it.',
  standards: [],
  calledBy: ['people'],
  calls: ['cloud APIs, VirtualBox', 'dockerd'],
  history: 'Announced 2014-12, beta 2015-02; no longer developed, repository archived 2021.',
  see: 'docker-machine ls',
  sources: ['https://github.com/docker/machine'],
  fingerprints: [{program: 'docker-machine'}],
}
