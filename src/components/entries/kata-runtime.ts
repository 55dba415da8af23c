// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kataRuntime: Component = {
  name: 'kata-runtime',
  aliases: ['kata oci runtime'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'Kata 1.x\'s OCI runtime, now its admin tool',
  what: 'Kata Containers\' command line: in 1.x an OCI runtime in runc\'s place, since 2.0 an administration tool.',
  why:
    'In 1.x each container start ran it; it started or joined the pod\'s virtual machine. Now ' +
    'containerd-shim-kata-v2 does that.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim', 'conmon', 'dockerd'],
  calls: ['QEMU', 'kata-proxy', 'kata-shim'],
  history: 'Kata 1.0 (2018-05); no longer an OCI runtime from 2.0 (2020-10).',
  see: 'kata-runtime env',
  sources: ['https://github.com/kata-containers/runtime', 'https://github.com/kata-containers/kata-containers'],
  fingerprints: [{program: 'kata-runtime'}],
}
