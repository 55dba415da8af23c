// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const infrastructurePlumbingManifesto: Component = {
  name: 'infrastructure plumbing manifesto',
  aliases: ['plumbing', 'plumbing manifesto'],
  layer: 'standard',
  role: 'standard',
  brief: 'why Docker came apart',
  what: 'Docker\'s promise of 2015 to give the plumbing of Docker away as projects of their own.',
  why:
    'libcontainer/runc, libnetwork, notary, later containerd, hyperkit and swarmkit came from it: the parts ' +
    'seen today in ps.',
  standards: [],
  calledBy: [],
  calls: ['runc', 'libnetwork', 'notary', 'containerd', 'hyperkit'],
  history: 'DockerCon 2015-06; containerd 2015-12; hyperkit 2016-05; swarmkit 2016-06; all under Moby since 2017-04.',
  see: 'not a process',
  sources: [
    'https://www.docker.com/blog/docker-project-infrastructure-plumbing/',
    'https://www.docker.com/blog/introducing-runc-a-lightweight-universal-container-runtime/',
  ],
  fingerprints: [],
}
