// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const notary: Component = {
  name: 'notary',
  aliases: ['docker content trust', 'notation', 'notary project'],
  layer: 'client',
  role: 'client',
  brief: 'signs image tags',
  what:
    'A server and client that sign image tags with The Update Framework; the present Notary Project\'s tool is ' +
    'notation.',
  why:
    'Docker Content Trust used it. Nothing of it runs on a node, unless DOCKER_CONTENT_TRUST is set for the ' +
    'docker CLI.',
  standards: [],
  calledBy: ['docker'],
  calls: ['a notary server'],
  history: 'Published by Docker 2015-06 as one of its plumbing projects; CNCF 2017-10; notation 1.0 in 2023-08.',
  see: 'env | grep DOCKER_CONTENT_TRUST',
  sources: ['https://github.com/notaryproject/notary', 'https://notaryproject.dev/'],
  fingerprints: [{program: 'notary'}],
}
