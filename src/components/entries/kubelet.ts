// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kubelet: Component = {
  name: 'kubelet',
  aliases: ['kubelet.service', 'node agent'],
  layer: 'orchestration',
  role: 'daemon',
  brief: 'Kubernetes\' agent on a node, the client of CRI',
  what: 'The Kubernetes agent of a machine: it watches the pods given to its node and makes them run.',
  why:
    'It is the client side of CRI. It never starts a container itself: it asks a runtime over a Unix socket, ' +
    'and mounts volumes, runs probes and rotates logs around it.',
  standards: ['CRI', 'CSI'],
  calledBy: ['Kubernetes'],
  calls: ['dockershim', 'cri-dockerd', 'CRI plugin', 'CRI-O', 'CSI node plugin'],
  history:
    'Part of Kubernetes from 2014; called Docker directly until CRI (1.5, 2016-12); CRI by default from 1.6 ' +
    '(2017-03); only remote CRI runtimes since 1.24 (2022-05-03).',
  see: 'systemctl status kubelet; its endpoint: tr "\\0" " " </proc/$(pidof kubelet)/cmdline',
  sources: [
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
    'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
  ],
  fingerprints: [{program: 'kubelet'}, {program: 'hyperkube', firstArgument: /^\/?kubelet$/}],
}
