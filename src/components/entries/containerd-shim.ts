// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShim: Component = {
  name: 'containerd-shim',
  aliases: ['containerd-shim v1', 'shim v1', 'io.containerd.runtime.v1.linux'],
  layer: 'shim',
  role: 'shim',
  brief: 'containerd\'s shim API v1, one per container',
  what:
    'containerd\'s first shim (API v1): one process per container, run as `containerd-shim -namespace … ' +
    '-workdir … -address …`.',
  why:
    'It calls runc, becomes the container\'s parent and reports its exit. It exists so that containerd may die ' +
    'without its containers.',
  standards: ['ttrpc'],
  calledBy: ['containerd'],
  calls: ['runc'],
  history:
    'containerd 0.2 (2016) with three plain arguments, 1.0 (2017-12) with ttrpc; Docker 18.09 and 19.03 used ' +
    'it; deprecated in 1.4 (2020), removed in 2.0 (2024-11).',
  see: 'pgrep -a containerd-shim (argv has -workdir …/io.containerd.runtime.v1.linux/…)',
  sources: [
    'https://github.com/containerd/containerd/blob/main/RELEASES.md',
    'https://github.com/containerd/containerd/blob/release/1.4/cmd/containerd-shim/main_unix.go',
  ],
  fingerprints: [{program: 'containerd-shim'}],
}
