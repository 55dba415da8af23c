// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const clearContainers: Component = {
  name: 'Clear Containers',
  aliases: ['intel clear containers', 'cc', 'clearcontainers'],
  layer: 'sandbox',
  role: 'platform',
  brief: 'Intel\'s containers in VMs, now Kata',
  what: 'Intel\'s containers in light virtual machines.',
  why: 'It used the processor\'s virtualisation to separate containers, below Docker and CRI-O.',
  standards: ['OCI runtime-spec'],
  calledBy: ['dockerd', 'CRI-O'],
  calls: ['cc-runtime', 'cc-proxy', 'cc-shim', 'QEMU'],
  history:
    'Shown by Intel 2015-05; 3.0 in 2017-09; merged with runV into Kata Containers (announced 2017-12, first ' +
    'release 2018-05).',
  see: 'cc-runtime cc-env',
  sources: ['https://github.com/clearcontainers/runtime', 'https://lwn.net/Articles/644675/'],
  fingerprints: [],
}
