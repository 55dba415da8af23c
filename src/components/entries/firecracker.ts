// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const firecracker: Component = {
  name: 'firecracker',
  aliases: ['microvm'],
  layer: 'sandbox',
  role: 'vmm',
  brief: 'AWS\'s small VM monitor',
  what:
    'A small virtual machine monitor in Rust on KVM: microVMs with five emulated devices that start in about ' +
    '125 ms.',
  why: 'It runs AWS Lambda and Fargate. It is a VMM, not an OCI runtime: firecracker-containerd or Kata drive it.',
  standards: [],
  calledBy: ['containerd-shim-aws-firecracker', 'containerd-shim-kata-v2', 'jailer'],
  calls: ['KVM'],
  history: 'Published by AWS 2018-11-26.',
  see: 'pgrep -a firecracker',
  sources: ['https://firecracker-microvm.github.io/', 'https://github.com/firecracker-microvm/firecracker'],
  fingerprints: [{program: 'firecracker'}, {program: 'jailer'}],
}
