// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerContainerd: Component = {
  name: 'docker-containerd',
  aliases: ['docker-containe'],
  layer: 'engine',
  role: 'daemon',
  brief: 'containerd as Docker 1.11 to 18.06 named it',
  what: 'containerd under the name Docker gave it from 1.11 to 18.06, started by dockerd as its child.',
  why:
    'The prefix kept Docker\'s private copies out of the way of a system-wide containerd. ps and pstree cut ' +
    'the name to docker-containe.',
  standards: [],
  calledBy: ['dockerd'],
  calls: ['docker-containerd-shim'],
  history:
    'Docker 1.11 (2016-04) to 18.06 (2018-07); containerd 0.2 inside until 17.09, containerd 1.0 from 17.12 ' +
    '(2017-12); plain containerd since 18.09 (2018-11).',
  see: 'pgrep -a docker-containe',
  sources: [
    'https://github.com/moby/moby/issues/26041',
    'https://docs.docker.com/engine/release-notes/prior-releases/',
  ],
  fingerprints: [
    {program: 'docker-containerd'},
    {program: 'docker-containerd-current'},
    {program: 'docker-containerd-latest'},
  ],
}
