// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const borg: Component = {
  name: 'Borg',
  aliases: ['Google Borg'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'Google\'s cluster manager, Kubernetes\' forerunner',
  what: 'Google\'s internal cluster manager, which ran everything at Google in Linux containers years before Docker.',
  why: 'Kubernetes took its ideas from it: pods are Borg\'s allocs, and the kubelet is its Borglet.',
  standards: [],
  calledBy: ['Google'],
  calls: ['its own agent, the Borglet'],
  history:
    'In use since about 2003-2004; described in a paper at EuroSys 2015-04; Kubernetes (2014) is a new system ' +
    'by people who had built it, not its published code.',
  see: 'not outside Google',
  sources: [
    'https://research.google/pubs/large-scale-cluster-management-at-google-with-borg/',
    'https://kubernetes.io/blog/2015/04/borg-predecessor-to-kubernetes/',
  ],
  fingerprints: [],
}
