// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const rke2: Component = {
  name: 'rke2',
  aliases: ['RKE Government', 'rke2 server', 'rke2 agent'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Rancher\'s Kubernetes, kubelet and containerd below',
  what:
    'Rancher\'s second Kubernetes distribution: one supervisor that starts containerd and the kubelet, and the ' +
    'control plane as static pods.',
  why: 'Unlike RKE1 it needs no Docker on the node: containerd and the kubelet are its own child processes.',
  standards: ['CRI'],
  calledBy: ['systemd'],
  calls: ['containerd', 'kubelet'],
  history:
    'Published by Rancher 2020-10 as RKE Government; successor of the Docker-based RKE1, whose life ended ' +
    '2025-07-31.',
  see: '/var/lib/rancher/rke2/bin/crictl ps; socket: /run/k3s/containerd/containerd.sock',
  sources: ['https://docs.rke2.io/architecture', 'https://github.com/rancher/rke2'],
  fingerprints: [{program: 'rke2'}, {program: 'rke2-server'}, {program: 'rke2-agent'}],
}
