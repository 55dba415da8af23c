// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const k3s: Component = {
  name: 'k3s',
  aliases: ['k3s server', 'k3s agent', 'rancher k3s'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Kubernetes in one process, with its own containerd',
  what: 'A whole Kubernetes in one binary: control plane, kubelet and kube-proxy are threads of the one process.',
  why:
    'It unpacks its own containerd, shims and runc below /var/lib/rancher/k3s and starts that containerd as ' +
    'its child; `--docker` makes it use a built-in cri-dockerd instead.',
  standards: ['CRI'],
  calledBy: ['systemd'],
  calls: ['containerd', 'cri-dockerd'],
  history: 'Published by Rancher 2019-02-26; CNCF sandbox 2020-08.',
  see: 'k3s crictl ps; sockets: /run/k3s/containerd/containerd.sock',
  sources: ['https://docs.k3s.io/advanced', 'https://github.com/k3s-io/k3s'],
  fingerprints: [{program: 'k3s'}, {program: 'k3s-server'}, {program: 'k3s-agent'}],
}
