// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimRuncV2: Component = {
  name: 'containerd-shim-runc-v2',
  aliases: ['shim-runc-v2', 'io.containerd.runc.v2'],
  layer: 'shim',
  role: 'shim',
  brief: 'the usual shim today, one per pod',
  what: 'containerd\'s present shim for runc and crun: one process for all containers of a pod.',
  why:
    'It is the parent of the pod\'s processes (`-namespace k8s.io -id POD -address …containerd.sock`), answers ' +
    'ttrpc, and runs runc for each step. Docker gets one per container.',
  standards: ['ttrpc', 'containerd shim API v2'],
  calledBy: ['containerd'],
  calls: ['runc', 'crun', 'nvidia-container-runtime'],
  history:
    'containerd 1.3 (2019-09); default for CRI since 1.4 (2020-08), for Docker since 20.10 (2020-12); the only ' +
    'one for runc in 2.0 (2024-11).',
  see: 'pgrep -a containerd-shim (re-parented to pid 1: -namespace and -address tell whose it is)',
  sources: [
    'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
    'https://github.com/containerd/containerd/blob/main/RELEASES.md',
  ],
  fingerprints: [{program: 'containerd-shim-runc-v2'}],
}
