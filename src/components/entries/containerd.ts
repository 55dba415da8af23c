// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerd: Component = {
  name: 'containerd',
  aliases: ['containerd.io', 'containerd.service'],
  layer: 'engine',
  role: 'daemon',
  brief: 'manages images and containers for Docker and CRI',
  what:
    'A container manager for one machine: it pulls images, keeps snapshots, and starts and watches containers ' +
    'through shims.',
  why:
    'It is the layer that Docker and Kubernetes share. Clients are kept apart by namespace: moby for Docker, ' +
    'k8s.io for CRI, default for ctr and nerdctl.',
  standards: ['OCI image-spec', 'OCI runtime-spec', 'OCI distribution-spec'],
  calledBy: ['dockerd', 'CRI plugin', 'ctr', 'nerdctl', 'BuildKit'],
  calls: ['containerd-shim-runc-v2', 'snapshotter', 'CRI plugin'],
  history:
    'Announced by Docker 2015-12, used since Docker 1.11 (2016-04); to the CNCF 2017-03; 1.0 in 2017-12; CRI ' +
    'built in with 1.1 (2018-04); graduated 2019-02; 2.0 in 2024-11. Its default snapshotter is overlayfs, not ' +
    'devicemapper.',
  see: 'ctr version; ctr namespaces ls; ss -xlp | grep containerd.sock',
  sources: [
    'https://www.cncf.io/blog/2017/12/05/general-availability-containerd-1-0/',
    'https://github.com/containerd/containerd/blob/main/RELEASES.md',
    'https://www.cncf.io/announcements/2019/02/28/cncf-announces-containerd-graduation/',
  ],
  fingerprints: [{program: 'containerd'}],
}
