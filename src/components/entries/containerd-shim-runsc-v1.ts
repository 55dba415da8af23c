// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimRunscV1: Component = {
  name: 'containerd-shim-runsc-v1',
  aliases: ['shim-runsc-v1', 'io.containerd.runsc.v1', 'gvisor shim', 'gvisor-containerd-shim'],
  layer: 'shim',
  role: 'shim',
  brief: 'gVisor\'s shim, one per pod',
  what: 'gVisor\'s containerd shim: one process per pod, that runs runsc.',
  why:
    'It lets containerd hand a pod to gVisor without a runc-shaped detour; RuntimeClass handler runsc points ' +
    'to it.',
  standards: ['containerd shim API v2', 'ttrpc'],
  calledBy: ['containerd'],
  calls: ['runsc'],
  history: 'In gvisor-containerd-shim 2019; inside the gVisor repository since 2020.',
  see: 'pgrep -a containerd-shim-runsc',
  sources: [
    'https://gvisor.dev/docs/user_guide/containerd/quick_start/',
    'https://github.com/google/gvisor/issues/9309',
  ],
  fingerprints: [{program: 'containerd-shim-runsc-v1'}, {program: 'gvisor-containerd-shim'}],
}
