// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerRuntime: Component = {
  name: 'container runtime',
  aliases: ['runtime', 'high-level runtime', 'low-level runtime and high-level runtime'],
  layer: 'standard',
  role: 'standard',
  brief: 'two meanings: high-level and low-level',
  what:
    'An overloaded word: the high-level one manages images and containers behind CRI (containerd, CRI-O), the ' +
    'low-level one makes a single container from a bundle (runc, crun).',
  why:
    'runc implements the OCI runtime-spec; containerd is not a kind of CRI, it has a plugin that serves it. ' +
    'rkt was neither an OCI runtime nor low-level.',
  standards: ['CRI', 'OCI runtime-spec'],
  calledBy: ['kubelet', 'dockerd'],
  calls: ['the kernel'],
  history: 'The word meant Docker until the OCI (2015-06) and CRI (2016-12) split the two meanings.',
  see: 'kubectl get nodes -o wide (high-level); crictl info | grep -i runtime (low-level)',
  sources: ['https://kubernetes.io/docs/setup/production-environment/container-runtimes/'],
  fingerprints: [],
}
