// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerRunc: Component = {
  name: 'docker-runc',
  aliases: [],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'runc as Docker 1.11 to 18.06 named it',
  what: 'runc under Docker\'s name, from 1.11 to 18.06.',
  why: 'As runc, with Docker\'s own copy.',
  standards: ['OCI runtime-spec'],
  calledBy: ['docker-containerd-shim'],
  calls: ['the kernel'],
  history: 'Docker 1.11 (2016-04) to 18.06 (2018-07); plain runc since 18.09 (2018-11).',
  see: 'docker-runc --version',
  sources: ['https://docs.docker.com/engine/release-notes/prior-releases/'],
  fingerprints: [{program: 'docker-runc'}, {program: 'docker-runc-current'}, {program: 'docker-runc-latest'}],
}
