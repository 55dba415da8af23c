// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const buildah: Component = {
  name: 'buildah',
  aliases: [],
  layer: 'build',
  role: 'client',
  brief: 'builds images without a daemon',
  what: 'A command that builds OCI images without a daemon and without root if need be.',
  why: 'A way to build in a pod, now that docker.sock is not there.',
  standards: ['OCI image-spec', 'OCI runtime-spec'],
  calledBy: ['people', 'CI', 'podman'],
  calls: ['crun', 'runc'],
  history: 'By Red Hat 2017; 1.0 in 2018-06.',
  see: 'buildah images',
  sources: ['https://buildah.io/', 'https://github.com/containers/buildah'],
  fingerprints: [{program: 'buildah'}],
}
