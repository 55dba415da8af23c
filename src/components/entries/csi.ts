// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const csi: Component = {
  name: 'CSI',
  aliases: ['container storage interface'],
  layer: 'standard',
  role: 'standard',
  brief: 'how volumes are asked of a storage vendor',
  what:
    'The gRPC standard by which Kubernetes and others ask a storage vendor\'s driver for volumes (EBS on AWS, ' +
    'persistent disks on GCP …).',
  why:
    'It took the vendors\' code out of Kubernetes, as CRI did for runtimes. It is used by the kubelet, not by ' +
    'the runtime.',
  standards: [],
  calledBy: ['kubelet'],
  calls: ['CSI node plugin'],
  history: '1.0 in 2018-11; in Kubernetes alpha 1.9 (2017-12), stable in 1.13 (2018-12).',
  see: 'kubectl get csinodes; ls /var/lib/kubelet/plugins',
  sources: [
    'https://github.com/container-storage-interface/spec',
    'https://kubernetes.io/blog/2019/01/15/container-storage-interface-ga/',
  ],
  fingerprints: [],
}
