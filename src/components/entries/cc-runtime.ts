// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ccRuntime: Component = {
  name: 'cc-runtime',
  aliases: ['clear containers runtime', 'cc-oci-runtime'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'Clear Containers\' OCI runtime (retired)',
  what: 'Clear Containers\' OCI runtime: each pod in a small virtual machine on QEMU.',
  why: 'It took runc\'s place below Docker and CRI-O where the kernel must not be shared.',
  standards: ['OCI runtime-spec'],
  calledBy: ['docker-containerd-shim', 'conmon', 'dockerd'],
  calls: ['QEMU', 'cc-proxy', 'cc-shim'],
  history:
    'cc-oci-runtime (2.x, in C) 2016; cc-runtime 3.0 (in Go) 2017-09; ended in favour of Kata Containers ' +
    '(announced 2017-12).',
  see: 'cc-runtime list',
  sources: ['https://github.com/clearcontainers/runtime'],
  fingerprints: [{program: 'cc-runtime'}, {program: 'cc-oci-runtime'}],
}
