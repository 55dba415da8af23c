// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const pauseContainer: Component = {
  name: 'pause container',
  aliases: ['pause', 'infra container', 'sandbox container', 'pod infra container'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'holds a pod\'s namespaces open',
  what:
    'The first container of a pod: a tiny program that only sleeps and reaps, and so holds the pod\'s ' +
    'namespaces open.',
  why:
    'The pod\'s network and IPC namespaces live as long as it does, whatever the other containers do. CRI-O ' +
    'can do without it (see pinns).',
  standards: [],
  calledBy: ['dockershim', 'cri-dockerd', 'CRI plugin', 'CRI-O'],
  calls: ['pause(2)'],
  history:
    'In Kubernetes from 2014; kubelet flag --pod-infra-container-image removed in 1.35 (2025-12), the ' +
    'runtime\'s own setting decides.',
  see: 'crictl pods; pgrep -x pause',
  sources: [
    'https://github.com/kubernetes/kubernetes/tree/master/build/pause',
    'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
  ],
  fingerprints: [{program: 'pause'}, {program: 'pause-amd64'}],
}
