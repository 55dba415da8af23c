// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cilium: Component = {
  name: 'cilium',
  aliases: ['cilium-agent'],
  layer: 'network',
  role: 'daemon',
  brief: 'pod network by eBPF',
  what: 'Network, policy and observability by eBPF; one cilium-agent per node.',
  why: 'It learns pods from Kubernetes; old releases could also watch a container runtime\'s socket.',
  standards: ['CNI'],
  calledBy: ['Kubernetes'],
  calls: ['the kernel'],
  history: 'Begun 2015-2016; 1.0 in 2018-04; CNCF 2021-10, graduated 2023-10.',
  see: 'cilium status; pgrep -a cilium-agent',
  sources: ['https://docs.cilium.io/en/stable/overview/intro/', 'https://github.com/cilium/cilium'],
  fingerprints: [{program: 'cilium-agent'}, {program: 'cilium-envoy'}, {program: 'cilium-health-responder'}],
}
