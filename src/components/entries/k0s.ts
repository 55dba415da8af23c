// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const k0s: Component = {
  name: 'k0s',
  aliases: ['k0s controller', 'k0s worker'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Kubernetes in one binary, programs as its children',
  what: 'A Kubernetes distribution in one binary that unpacks and supervises the ordinary programs as its children.',
  why:
    'The worker starts its own containerd and kubelet below /var/lib/k0s/bin, unless `--cri-socket` names ' +
    'another runtime.',
  standards: ['CRI'],
  calledBy: ['systemd'],
  calls: ['containerd', 'kubelet'],
  history: 'Published by Mirantis 2020-11; CNCF sandbox 2025-01.',
  see: 'k0s ctr -n k8s.io containers ls; socket: /run/k0s/containerd.sock',
  sources: ['https://docs.k0sproject.io/stable/runtime/', 'https://github.com/k0sproject/k0s'],
  fingerprints: [{program: 'k0s'}],
}
