// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const grpc: Component = {
  name: 'gRPC',
  aliases: ['grpc', 'protocol buffers', 'protobuf'],
  layer: 'standard',
  role: 'standard',
  brief: 'remote calls, the wire of CRI and containerd',
  what: 'Remote procedure calls over HTTP/2 with messages in Protocol Buffers.',
  why: 'CRI, CSI and containerd\'s own API are gRPC on Unix sockets; Docker\'s API is plain HTTP with JSON.',
  standards: [],
  calledBy: ['kubelet', 'dockerd'],
  calls: ['containerd', 'CRI-O'],
  history: 'Published by Google 2015-02; CNCF 2017-03.',
  see: 'ss -xlp | grep -E "containerd|crio|cri-dockerd"',
  sources: ['https://grpc.io/docs/what-is-grpc/introduction/'],
  fingerprints: [],
}
