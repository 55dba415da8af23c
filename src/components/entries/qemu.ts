// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const qemu: Component = {
  name: 'QEMU',
  aliases: ['qemu-system', 'qemu-kvm', 'qemu-lite'],
  layer: 'sandbox',
  role: 'vmm',
  brief: 'the usual VM monitor below Kata',
  what: 'A machine emulator; with KVM it is the usual virtual machine monitor below Kata, Clear Containers and runV.',
  why:
    'One process is one virtual machine: the sandbox of a pod. Kata starts it as `-name sandbox-ID`; the same ' +
    'program may be a plain VM of libvirt.',
  standards: [],
  calledBy: ['containerd-shim-kata-v2', 'kata-runtime', 'cc-runtime', 'runV'],
  calls: ['KVM'],
  history: 'Begun 2003 by Fabrice Bellard; qemu-lite, a cut-down build, served Clear Containers and early Kata.',
  see: 'pgrep -af "qemu.* -name sandbox-"',
  sources: [
    'https://www.qemu.org/',
    'https://github.com/kata-containers/kata-containers/blob/main/docs/hypervisors.md',
  ],
  fingerprints: [{program: /^qemu-(.+-)?system-/}, {program: 'qemu-kvm'}, {program: 'qemu-lite'}],
}
