// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ttrpc: Component = {
  name: 'ttrpc',
  aliases: ['tiny rpc'],
  layer: 'standard',
  role: 'standard',
  brief: 'the small gRPC that shims speak',
  what: 'gRPC\'s idea for small processes: protobuf messages on a Unix socket without HTTP/2.',
  why: 'Shims speak it, since one per pod must be small.',
  standards: [],
  calledBy: ['containerd'],
  calls: ['containerd-shim-runc-v2', 'containerd-shim-kata-v2'],
  history: 'By containerd, 2017-11.',
  see: 'ss -xlp | grep containerd/s/',
  sources: ['https://github.com/containerd/ttrpc'],
  fingerprints: [],
}
