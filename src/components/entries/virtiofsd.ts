// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const virtiofsd: Component = {
  name: 'virtiofsd',
  aliases: ['virtiofs'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'shares the host\'s files with a VM',
  what: 'The host\'s side of virtio-fs: it shares a directory with a virtual machine.',
  why: 'Kata shares the container\'s root file system and volumes through it; one or two processes per pod.',
  standards: [],
  calledBy: ['containerd-shim-kata-v2'],
  calls: ['QEMU', 'cloud-hypervisor'],
  history: 'In QEMU since 5.0 (2020-04), rewritten in Rust; Kata\'s default from 2.0 (2020-10).',
  see: 'pgrep -a virtiofsd',
  sources: ['https://gitlab.com/virtio-fs/virtiofsd', 'https://virtio-fs.gitlab.io/'],
  fingerprints: [{program: 'virtiofsd'}],
}
