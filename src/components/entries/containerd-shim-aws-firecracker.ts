// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimAwsFirecracker: Component = {
  name: 'containerd-shim-aws-firecracker',
  aliases: ['firecracker shim', 'aws.firecracker'],
  layer: 'shim',
  role: 'shim',
  brief: 'shim of firecracker-containerd',
  what: 'The shim of firecracker-containerd: one process per microVM.',
  why:
    'It starts firecracker and passes containerd\'s calls over vsock to an agent in the VM, which runs runc ' +
    'there.',
  standards: ['containerd shim API v2', 'ttrpc'],
  calledBy: ['firecracker-containerd'],
  calls: ['firecracker'],
  history: 'Published by AWS with firecracker-containerd, 2018-11.',
  see: 'pgrep -a containerd-shim-aws',
  sources: ['https://github.com/firecracker-microvm/firecracker-containerd/blob/main/docs/architecture.md'],
  fingerprints: [{program: 'containerd-shim-aws-firecracker'}],
}
