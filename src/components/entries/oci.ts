// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const oci: Component = {
  name: 'OCI',
  aliases: ['open container initiative', 'open container project', 'opencontainers'],
  layer: 'standard',
  role: 'standard',
  brief: 'the body that keeps the container standards',
  what:
    'The Open Container Initiative: the Linux Foundation body that keeps the container standards. Today three: ' +
    'runtime-spec, image-spec, distribution-spec.',
  why: 'It keeps one image format and one way to start a container, so engines and runtimes can be swapped.',
  standards: [],
  calledBy: ['containerd', 'CRI-O', 'dockerd', 'podman'],
  calls: ['OCI runtime-spec', 'OCI image-spec', 'OCI distribution-spec'],
  history:
    'Founded 2015-06-22 by Docker and others as the Open Container Project; runtime-spec and image-spec 1.0 in ' +
    '2017-07; distribution-spec 1.0 in 2021-05.',
  see: 'not a process',
  sources: [
    'https://opencontainers.org/about/overview/',
    'https://www.linuxfoundation.org/press/press-release/industry-leaders-unite-to-create-project-for-open-container-standards',
  ],
  fingerprints: [],
}
