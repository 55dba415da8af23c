// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const mirantisContainerRuntime: Component = {
  name: 'Mirantis Container Runtime',
  aliases: ['MCR', 'Docker EE', 'Docker Enterprise', 'docker-ee'],
  layer: 'engine',
  role: 'daemon',
  brief: 'the commercial Docker Engine',
  what: 'The commercial build of Docker Engine, once Docker EE.',
  why:
    'Its process is dockerd, and everything said of dockerd holds for it; clusters of Mirantis use it below ' +
    'cri-dockerd.',
  standards: ['CNM'],
  calledBy: ['cri-dockerd', 'docker'],
  calls: ['containerd'],
  history:
    'Docker EE since 17.03 (2017-03); sold to Mirantis with Docker Enterprise 2019-11-13; Mirantis Container ' +
    'Runtime since 2020.',
  see: 'docker version',
  sources: [
    'https://docs.mirantis.com/mcr/',
    'https://www.mirantis.com/company/press-center/company-news/mirantis-acquires-docker-enterprise/',
  ],
  fingerprints: [],
}
