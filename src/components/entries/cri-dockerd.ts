// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const criDockerd: Component = {
  name: 'cri-dockerd',
  aliases: ['cri docker', 'mirantis cri-dockerd'],
  layer: 'cri',
  role: 'daemon',
  brief: 'dockershim as a daemon of its own, for ≥ 1.24',
  what: 'dockershim as a daemon of its own: it speaks CRI on /run/cri-dockerd.sock and Docker\'s HTTP API below.',
  why:
    'It lets a node with Kubernetes ≥ 1.24 keep Docker Engine. The node still reports docker://, so the ' +
    'endpoint tells it from dockershim.',
  standards: ['CRI'],
  calledBy: ['kubelet'],
  calls: ['dockerd', 'CNI'],
  history:
    'Announced by Mirantis and Docker 2020-12 (Mirantis had bought Docker Enterprise 2019-11-13); needed since ' +
    'Kubernetes 1.24 (2022-05-03); CRI v1alpha2 dropped in 0.3.22.',
  see: 'systemctl status cri-docker.socket cri-docker.service',
  sources: [
    'https://github.com/Mirantis/cri-dockerd',
    'https://www.mirantis.com/blog/mirantis-to-take-over-support-of-kubernetes-dockershim-2/',
  ],
  fingerprints: [{program: 'cri-dockerd'}],
}
