// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const microk8s: Component = {
  name: 'MicroK8s',
  aliases: ['kubelite', 'microk8s', 'snap microk8s'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Canonical\'s Kubernetes snap (kubelite)',
  what:
    'Canonical\'s Kubernetes as a snap; `kubelite` is one process holding API server, scheduler, controllers, ' +
    'kubelet and kube-proxy.',
  why:
    'It brings its own containerd inside the snap, so its sockets and state lie below /var/snap/microk8s, not ' +
    'in the usual places.',
  standards: ['CRI'],
  calledBy: ['systemd (snapd)'],
  calls: ['containerd'],
  history: 'Published 2018; the components became one kubelite process in 1.21 (2021-04).',
  see: 'microk8s ctr --namespace k8s.io containers ls',
  sources: ['https://microk8s.io/docs/configuring-services', 'https://github.com/canonical/microk8s'],
  fingerprints: [{program: 'kubelite'}, {program: /^microk8s(\.|$)/}],
}
