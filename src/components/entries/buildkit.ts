// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const buildkit: Component = {
  name: 'BuildKit',
  aliases: ['buildkitd', 'buildctl', 'buildx', 'docker build', 'moby buildkit'],
  layer: 'build',
  role: 'daemon',
  brief: 'the builder behind docker build',
  what: 'The builder behind docker build: inside dockerd, or a daemon buildkitd of its own with the client buildctl.',
  why:
    'It builds images from a graph of steps; alone it works on containerd or directly on runc, so builds need ' +
    'no Docker.',
  standards: ['OCI image-spec'],
  calledBy: ['docker', 'nerdctl', 'its client buildctl'],
  calls: ['containerd', 'runc'],
  history: 'Announced by Moby 2017; in Docker from 18.06 (2018-07), the default builder since Engine 23.0 (2023-02).',
  see: 'pgrep -a buildkitd; docker buildx ls',
  sources: ['https://github.com/moby/buildkit', 'https://docs.docker.com/build/buildkit/'],
  fingerprints: [
    {program: 'buildkitd'},
    {program: 'buildctl'},
    {program: 'docker-buildx'},
    {program: 'buildkit-runc'},
    {program: 'buildctl-daemonless.sh'},
  ],
}
