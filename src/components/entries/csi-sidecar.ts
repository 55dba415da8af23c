// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const csiSidecar: Component = {
  name: 'CSI sidecar',
  aliases: ['livenessprobe', 'csi-provisioner', 'csi-attacher', 'csi-resizer', 'csi-snapshotter'],
  layer: 'storage',
  role: 'helper',
  brief: 'helpers beside a CSI driver',
  what: 'Helper containers of the Kubernetes CSI project that stand beside a vendor\'s driver.',
  why: 'They translate between Kubernetes objects and the driver\'s gRPC socket.',
  standards: ['CSI'],
  calledBy: ['Kubernetes'],
  calls: ['CSI node plugin'],
  history: 'By Kubernetes SIG Storage, from 2018.',
  see: 'pgrep -af csi-',
  sources: ['https://kubernetes-csi.github.io/docs/sidecar-containers.html'],
  fingerprints: [
    {program: 'csi-provisioner'},
    {program: 'csi-attacher'},
    {program: 'csi-resizer'},
    {program: 'csi-snapshotter'},
    {argument: /^--?csi-address(=|$)/},
  ],
}
