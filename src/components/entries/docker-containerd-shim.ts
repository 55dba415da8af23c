// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerContainerdShim: Component = {
  name: 'docker-containerd-shim',
  aliases: [],
  layer: 'shim',
  role: 'shim',
  brief: 'the same as Docker 1.11 to 18.06 named it',
  what: 'containerd-shim under Docker\'s name, one per container, from Docker 1.11 to 18.06.',
  why:
    'As containerd-shim. Until 17.09 its arguments are just container id, bundle directory and runtime: ' +
    '`docker-containerd-shim ID /var/run/docker/libcontainerd/ID docker-runc`.',
  standards: [],
  calledBy: ['docker-containerd'],
  calls: ['docker-runc'],
  history: 'Docker 1.11 (2016-04) to 18.06 (2018-07); plain containerd-shim since 18.09 (2018-11).',
  see: 'pgrep -af docker-containerd-shim',
  sources: ['https://github.com/moby/moby/issues/26041', 'https://github.com/docker/for-linux/issues/192'],
  fingerprints: [
    {program: 'docker-containerd-shim'},
    {program: 'docker-containerd-shim-current'},
    {program: 'docker-containerd-shim-latest'},
  ],
}
