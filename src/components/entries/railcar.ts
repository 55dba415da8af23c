// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const railcar: Component = {
  name: 'railcar',
  aliases: [],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'an early OCI runtime in Rust (retired)',
  what: 'An OCI runtime in Rust by Oracle.',
  why: 'The first try at runc in Rust; of historical interest.',
  standards: ['OCI runtime-spec'],
  calledBy: ['dockerd'],
  calls: ['the kernel'],
  history: 'Published by Oracle 2017-06; archived; youki is the living OCI runtime in Rust.',
  see: 'pgrep -a railcar',
  sources: ['https://github.com/oracle/railcar'],
  fingerprints: [{program: 'railcar'}],
}
