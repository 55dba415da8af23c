// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const nodeProblemDetector: Component = {
  name: 'node-problem-detector',
  aliases: ['npd'],
  layer: 'agent',
  role: 'agent',
  brief: 'reports a node\'s troubles to Kubernetes',
  what: 'A Kubernetes daemon that reports a node\'s troubles as conditions and events.',
  why:
    'Its health checker calls crictl, and docker ps where it is set for Docker; its log rules name docker and ' +
    'containerd.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['crictl', 'docker', 'the journal'],
  history: 'By Kubernetes SIG Node, 2016.',
  see: 'pgrep -a node-problem-detector',
  sources: ['https://github.com/kubernetes/node-problem-detector'],
  fingerprints: [{program: 'node-problem-detector'}],
}
