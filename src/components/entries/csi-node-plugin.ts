// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const csiNodePlugin: Component = {
  name: 'CSI node plugin',
  aliases: ['csi driver', 'csi plugin', 'ebs csi', 'pd csi'],
  layer: 'storage',
  role: 'daemon',
  brief: 'a vendor\'s storage daemon on the node',
  what: 'A vendor\'s storage daemon on the node (EBS, PD, Ceph, NFS …): the kubelet calls it to mount a volume.',
  why:
    'It serves csi.sock below /var/lib/kubelet/plugins. The mounts it makes are held by pods of whatever ' +
    'runtime, and old shims can keep them busy.',
  standards: ['CSI'],
  calledBy: ['kubelet'],
  calls: ['the kernel', 'a storage system'],
  history: 'CSI alpha in Kubernetes 1.9 (2017-12), stable in 1.13 (2018-12).',
  see: 'ls /var/lib/kubelet/plugins/*/csi.sock',
  sources: [
    'https://kubernetes-csi.github.io/docs/',
    'https://kubernetes.io/blog/2019/01/15/container-storage-interface-ga/',
  ],
  fingerprints: [
    {argument: /^--?(csi-?)?endpoint=(unix:\/?\/?)?\/.*csi[^/]*\.sock$/},
    {argument: /^unix:\/.*csi[^/]*\.sock$/},
  ],
}
