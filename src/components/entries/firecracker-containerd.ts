// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const firecrackerContainerd: Component = {
  name: 'firecracker-containerd',
  aliases: [],
  layer: 'engine',
  role: 'daemon',
  brief: 'a containerd that starts Firecracker VMs',
  what: 'A build of containerd with a plugin that makes Firecracker microVMs.',
  why: 'It is the OCI-shaped way to Firecracker: containers by containerd, each in a microVM.',
  standards: ['OCI image-spec'],
  calledBy: ['firecracker-ctr'],
  calls: ['containerd-shim-aws-firecracker'],
  history: 'Published by AWS 2018-11, with Firecracker.',
  see: 'pgrep -a firecracker-containerd; socket: /run/firecracker-containerd/containerd.sock',
  sources: ['https://github.com/firecracker-microvm/firecracker-containerd'],
  fingerprints: [{program: 'firecracker-containerd'}],
}
