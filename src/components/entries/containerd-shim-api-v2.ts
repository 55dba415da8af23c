// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimApiV2: Component = {
  name: 'containerd shim API v2',
  aliases: ['runtime v2', 'shim v2', 'shimv2', 'other containerd shim'],
  layer: 'shim',
  role: 'shim',
  brief: 'containerd\'s interface to any shim; other shims',
  what:
    'The interface between containerd and any shim: a binary named containerd-shim-RUNTIME-VERSION that serves ' +
    'ttrpc. This entry also stands for shims without one of their own.',
  why:
    'It lets a sandbox be its own shim, without an OCI command line between (Kata, gVisor, Firecracker, Wasm). ' +
    'It is containerd\'s interface, not a part of CRI.',
  standards: ['ttrpc'],
  calledBy: ['containerd', 'dockerd'],
  calls: ['OCI runtime'],
  history: 'containerd 1.2 (2018-10); the API v1 it replaced left in 2.0 (2024-11).',
  see: 'ls /usr/bin/containerd-shim-*; RuntimeClass handler → runtime_type in config.toml',
  sources: ['https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md'],
  fingerprints: [{program: /^containerd-shim-(?!kata|runhcs)[a-z0-9_-]+-v[0-9]+$/}],
}
