// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const moby: Component = {
  name: 'Moby',
  aliases: ['moby project', 'moby/moby'],
  layer: 'standard',
  role: 'standard',
  brief: 'the open project behind Docker Engine',
  what: 'The open project behind Docker Engine; its name is also containerd\'s namespace for Docker\'s containers.',
  why: 'On a node it is seen as that namespace: a shim with `-namespace moby` belongs to a dockerd.',
  standards: [],
  calledBy: [],
  calls: ['dockerd', 'BuildKit', 'libnetwork'],
  history: 'docker/docker was renamed moby/moby 2017-04.',
  see: 'ctr -n moby containers ls',
  sources: ['https://github.com/moby/moby', 'https://www.docker.com/blog/introducing-the-moby-project/'],
  fingerprints: [],
}
