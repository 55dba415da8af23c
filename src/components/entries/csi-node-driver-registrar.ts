// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const csiNodeDriverRegistrar: Component = {
  name: 'csi-node-driver-registrar',
  aliases: ['node-driver-registrar', 'driver-registrar'],
  layer: 'storage',
  role: 'helper',
  brief: 'tells the kubelet of a CSI driver',
  what: 'A sidecar that tells the kubelet where a CSI driver\'s socket is.',
  why: 'It sits in each CSI node pod; it uses kubelet directories, no runtime socket.',
  standards: ['CSI'],
  calledBy: ['Kubernetes'],
  calls: ['kubelet', 'CSI node plugin'],
  history: 'By Kubernetes SIG Storage, 2018; split from driver-registrar with CSI 1.0 (2018-11).',
  see: 'ls /var/lib/kubelet/plugins_registry',
  sources: ['https://kubernetes-csi.github.io/docs/node-driver-registrar.html'],
  fingerprints: [
    {program: 'csi-node-driver-registrar'},
    {program: 'driver-registrar'},
    {program: 'node-driver-registrar'},
  ],
}
