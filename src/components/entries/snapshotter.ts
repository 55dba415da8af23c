// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const snapshotter: Component = {
  name: 'snapshotter',
  aliases: [
    'overlayfs',
    'overlay2',
    'devicemapper',
    'containerd snapshotter',
    'overlayfs snapshotter',
    'storage driver',
    'graphdriver',
    'devmapper',
  ],
  layer: 'storage',
  role: 'plugin',
  brief: 'stacks image layers; Docker: storage driver',
  what:
    'containerd\'s plugin that stacks image layers into a root file system; Docker\'s word was storage driver ' +
    '(graph driver).',
  why:
    'The default is overlayfs, in containerd as in Docker (overlay2). devmapper is there but off unless set ' +
    'up. Log collectors find container files through overlay\'s upper directory.',
  standards: [],
  calledBy: ['containerd'],
  calls: ['the kernel'],
  history:
    'In containerd since 1.0 (2017-12); Docker Engine 29 (2025-11) uses it for new installations instead of ' +
    'overlay2; aufs left in containerd 2.0.',
  see: 'ctr plugins ls | grep snapshotter; docker info --format "{{.Driver}}"',
  sources: ['https://github.com/containerd/containerd/tree/main/docs/snapshotters'],
  fingerprints: [{program: 'containerd-stargz-grpc'}, {program: 'containerd-nydus-grpc'}],
}
