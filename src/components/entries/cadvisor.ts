// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cadvisor: Component = {
  name: 'cadvisor',
  aliases: ['cAdvisor'],
  layer: 'agent',
  role: 'agent',
  brief: 'container metrics, also inside the kubelet',
  what: 'Google\'s container metrics daemon; the kubelet has it built in as a library.',
  why:
    'It finds containers in the cgroup tree and asks Docker, containerd or CRI-O for their names; metric ' +
    'labels change with the runtime.',
  standards: [],
  calledBy: ['kubelet (as a library)', 'people'],
  calls: ['dockerd', 'containerd', 'CRI-O'],
  history: 'Published by Google 2014-06.',
  see: 'pgrep -a cadvisor; kubelet /metrics/cadvisor',
  sources: ['https://github.com/google/cadvisor'],
  fingerprints: [{program: 'cadvisor'}],
}
