// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const youki: Component = {
  name: 'youki',
  aliases: [],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'an OCI runtime in Rust',
  what: 'An OCI runtime in Rust.',
  why: 'It takes runc\'s place where a memory-safe runtime is wanted; its library libcontainer is not Docker\'s.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim-runc-v2', 'conmon', 'dockerd'],
  calls: ['the kernel'],
  history: 'Begun 2021; in the containers organisation since 2021; CNCF sandbox 2024.',
  see: 'youki --root /run/youki list',
  sources: ['https://github.com/youki-dev/youki'],
  fingerprints: [{program: 'youki'}],
}
