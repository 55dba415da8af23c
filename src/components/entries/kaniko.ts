// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const kaniko: Component = {
  name: 'kaniko',
  aliases: ['kaniko executor'],
  layer: 'build',
  role: 'client',
  brief: 'builds images inside a container (archived)',
  what: 'A builder that runs a Dockerfile inside an ordinary container, all in user space.',
  why: 'It made image builds in a cluster possible without docker.sock or privileges.',
  standards: ['OCI image-spec'],
  calledBy: ['CI'],
  calls: ['a registry'],
  history: 'Published by Google 2018-04; Google archived it 2025-06, forks go on.',
  see: 'kubectl get pods -A -o wide | grep kaniko',
  sources: ['https://github.com/GoogleContainerTools/kaniko'],
  fingerprints: [{program: 'executor', argument: /^--?(dockerfile|destination|no-push|context)(=|$)/}],
}
