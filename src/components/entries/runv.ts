// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runv: Component = {
  name: 'runV',
  aliases: ['runv', 'hypervisor runtime'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'HyperHQ\'s OCI runtime on VMs (retired)',
  what: 'HyperHQ\'s OCI runtime on a hypervisor: each container or pod in a virtual machine.',
  why:
    'It brought VM isolation below the OCI interface. The RuntimeClass named runv at some cloud vendors is ' +
    'their own sandbox runtime, not this program.',
  standards: ['OCI runtime-spec'],
  calledBy: ['dockerd', 'hyperd', 'containerd'],
  calls: ['QEMU'],
  history: 'Published by HyperHQ 2015; merged with Intel Clear Containers into Kata Containers (announced 2017-12).',
  see: 'runv list',
  sources: ['https://github.com/hyperhq/runv'],
  fingerprints: [
    {program: 'runv'},
    {program: 'runv-containerd'},
    {program: 'runv-shim'},
    {program: 'runv-nslistener'},
    {program: 'runv-proxy'},
  ],
}
