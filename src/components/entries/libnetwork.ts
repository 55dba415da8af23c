// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const libnetwork: Component = {
  name: 'libnetwork',
  aliases: ['docker network'],
  layer: 'network',
  role: 'library',
  brief: 'Docker\'s network library',
  what: 'Docker\'s network library: bridges, overlays, DNS and port publishing inside dockerd.',
  why: 'It implements CNM. Kubernetes never used it: pods get their network from CNI.',
  standards: ['CNM'],
  calledBy: ['dockerd'],
  calls: ['the kernel', 'docker-proxy'],
  history: 'Split out of Docker 2015-04; in Docker since 1.7 (2015-06); its repository went into moby in 2021.',
  see: 'docker network ls',
  sources: ['https://github.com/moby/libnetwork', 'https://github.com/moby/moby/tree/master/daemon/libnetwork'],
  fingerprints: [],
}
