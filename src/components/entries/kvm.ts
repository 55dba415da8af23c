// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kvm: Component = {
  name: 'KVM',
  aliases: ['kernel-based virtual machine', '/dev/kvm'],
  layer: 'sandbox',
  role: 'library',
  brief: 'the kernel\'s virtualisation',
  what: 'The Linux kernel\'s virtualisation: it turns the kernel into a hypervisor behind /dev/kvm.',
  why:
    'It runs the processor and memory of a VM; QEMU, Cloud Hypervisor or Firecracker add the devices. gVisor ' +
    'can use it to catch system calls.',
  standards: [],
  calledBy: ['QEMU', 'cloud-hypervisor', 'firecracker', 'runsc-sandbox'],
  calls: ['the processor'],
  history: 'In Linux 2.6.20 (2007-02).',
  see: 'ls -l /dev/kvm',
  sources: ['https://docs.kernel.org/virt/kvm/index.html'],
  fingerprints: [],
}
