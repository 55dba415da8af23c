// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimRuncV1: Component = {
  name: 'containerd-shim-runc-v1',
  aliases: ['shim-runc-v1', 'io.containerd.runc.v1'],
  layer: 'shim',
  role: 'shim',
  brief: 'shim API v2 for runc, one per container (gone)',
  what: 'The first shim of shim API v2 for runc: one process per container.',
  why: 'It brought the shim API v2 to runc before pods could share one shim; shim-runc-v2 replaced it.',
  standards: ['ttrpc', 'containerd shim API v2'],
  calledBy: ['containerd'],
  calls: ['runc'],
  history: 'containerd 1.2 (2018-10); deprecated in 1.4 (2020-08), removed in 2.0 (2024-11).',
  see: 'pgrep -a containerd-shim',
  sources: ['https://github.com/containerd/containerd/blob/main/RELEASES.md'],
  fingerprints: [{program: 'containerd-shim-runc-v1'}],
}
