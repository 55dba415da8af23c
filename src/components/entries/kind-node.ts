// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kindNode: Component = {
  name: 'kind node',
  aliases: ['kind', 'kindest/node', 'Kubernetes in Docker'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'a node in a container, for tests',
  what:
    'A Kubernetes node that is itself a container: systemd, containerd and kubelet run inside a container of ' +
    'Docker, Podman or nerdctl.',
  why:
    'For tests. Seen from the host there are two runtimes, one inside the other; the inner containerd\'s ' +
    'socket is visible only through the node container\'s root.',
  standards: ['CRI'],
  calledBy: ['dockerd', 'podman', 'nerdctl'],
  calls: ['kubelet', 'containerd'],
  history:
    'Begun 2018-09 in Kubernetes SIG Testing; nodes ran Docker inside at first, containerd since v0.3.0 ' +
    '(2019-05).',
  see: 'docker ps --filter label=io.x-k8s.kind.cluster',
  sources: ['https://kind.sigs.k8s.io/docs/design/node-image/', 'https://github.com/kubernetes-sigs/kind'],
  fingerprints: [],
}
