// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerContainerdCtr: Component = {
  name: 'docker-containerd-ctr',
  aliases: ['docker-ctr'],
  layer: 'client',
  role: 'client',
  brief: 'ctr as Docker 1.11 to 18.06 named it',
  what: 'ctr under Docker\'s name, from 1.11 to 18.06.',
  why: 'As ctr, for Docker\'s own containerd.',
  standards: [],
  calledBy: ['people'],
  calls: ['docker-containerd'],
  history: 'Docker 1.11 (2016-04) to 18.06 (2018-07).',
  see: 'docker-containerd-ctr --version',
  sources: ['https://docs.docker.com/engine/release-notes/prior-releases/'],
  fingerprints: [{program: 'docker-containerd-ctr'}, {program: 'docker-ctr-current'}, {program: 'docker-ctr'}],
}
