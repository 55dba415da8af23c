// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cnm: Component = {
  name: 'CNM',
  aliases: ['container network model'],
  layer: 'standard',
  role: 'standard',
  brief: 'Docker\'s network model',
  what: 'Docker\'s model of container networks: sandbox, endpoint, network; libnetwork implements it.',
  why: 'It served Docker and Swarm. Kubernetes chose CNI in its place (2016-01).',
  standards: [],
  calledBy: ['dockerd', 'Docker Swarm'],
  calls: ['libnetwork'],
  history: 'With libnetwork, 2015.',
  see: 'docker network ls',
  sources: [
    'https://github.com/moby/libnetwork/blob/master/docs/design.md',
    'https://kubernetes.io/blog/2016/01/why-kubernetes-doesnt-use-libnetwork/',
  ],
  fingerprints: [],
}
