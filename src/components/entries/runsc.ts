// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runsc: Component = {
  name: 'runsc',
  aliases: ['gvisor runtime'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'gVisor\'s OCI runtime',
  what: 'gVisor\'s OCI runtime command.',
  why: 'It takes runc\'s place and starts a Sentry and a gofer per pod. Docker calls it as a runtime named runsc.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim-runsc-v1', 'containerd-shim-runc-v2', 'dockerd'],
  calls: ['runsc-sandbox', 'runsc-gofer'],
  history: 'Published by Google 2018-05-02.',
  see: 'runsc --root /run/containerd/runsc/k8s.io list',
  sources: ['https://gvisor.dev/docs/', 'https://github.com/google/gvisor'],
  fingerprints: [{program: 'runsc'}],
}
