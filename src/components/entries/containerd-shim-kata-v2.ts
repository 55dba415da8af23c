// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimKataV2: Component = {
  name: 'containerd-shim-kata-v2',
  aliases: ['shim-kata-v2', 'io.containerd.kata.v2'],
  layer: 'shim',
  role: 'shim',
  brief: 'Kata\'s shim, one per pod and its VM',
  what:
    'The shim of Kata Containers: one process per pod, that starts the virtual machine and speaks to the agent ' +
    'in it.',
  why:
    'It took the place of kata-runtime, kata-proxy and one kata-shim per container. CRI-O uses it too, with ' +
    'runtime_type "vm".',
  standards: ['containerd shim API v2', 'ttrpc'],
  calledBy: ['containerd', 'CRI-O'],
  calls: ['QEMU', 'cloud-hypervisor', 'firecracker', 'virtiofsd', 'kata-agent'],
  history:
    'Kata 1.5 (2019-01); the only way from Kata 2.0 (2020-10); a second one in Rust with the built-in VMM ' +
    'Dragonball in 3.0 (2022-10).',
  see: 'pgrep -a containerd-shim-kata',
  sources: ['https://github.com/kata-containers/kata-containers/blob/main/docs/design/architecture/README.md'],
  fingerprints: [{program: 'containerd-shim-kata-v2'}, {program: /^containerd-shim-kata(-[a-z0-9]+)*-v2$/}],
}
