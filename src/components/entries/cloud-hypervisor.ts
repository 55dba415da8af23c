// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cloudHypervisor: Component = {
  name: 'cloud-hypervisor',
  aliases: ['clh', 'cloud hypervisor'],
  layer: 'sandbox',
  role: 'vmm',
  brief: 'a VM monitor in Rust',
  what: 'A virtual machine monitor in Rust for modern cloud workloads.',
  why: 'Kata can use it instead of QEMU: fewer emulated devices, a smaller surface.',
  standards: [],
  calledBy: ['containerd-shim-kata-v2'],
  calls: ['KVM'],
  history: 'Begun by Intel 2019 from the rust-vmm parts; Linux Foundation 2021-12; in Kata since 1.10 (2020).',
  see: 'pgrep -a cloud-hypervisor',
  sources: ['https://github.com/cloud-hypervisor/cloud-hypervisor'],
  fingerprints: [{program: 'cloud-hypervisor'}, {program: 'cloud-hypervisor-static'}, {program: 'clh'}],
}
