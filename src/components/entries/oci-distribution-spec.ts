// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ociDistributionSpec: Component = {
  name: 'OCI distribution-spec',
  aliases: ['distribution spec', 'distribution-spec', 'registry api'],
  layer: 'standard',
  role: 'standard',
  brief: 'how images are pushed and pulled',
  what: 'The HTTP interface of a registry: push, pull, list.',
  why: 'It is Docker\'s Registry API v2 made a standard, the third of the OCI\'s specifications.',
  standards: ['OCI'],
  calledBy: ['containerd', 'CRI-O', 'dockerd'],
  calls: ['a registry'],
  history: 'Project begun 2018-04; 1.0 in 2021-05; 1.1 in 2024-02.',
  see: 'curl -s https://registry-1.docker.io/v2/',
  sources: [
    'https://github.com/opencontainers/distribution-spec',
    'https://opencontainers.org/posts/blog/2021-05-04-oci-distribution-spec-v1/',
  ],
  fingerprints: [],
}
