// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const crun: Component = {
  name: 'crun',
  aliases: ['containers/crun'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'an OCI runtime in C',
  what: 'An OCI runtime in C, smaller and faster to start than runc.',
  why: 'It takes runc\'s place below CRI-O and Podman and first supported cgroup v2.',
  standards: ['OCI runtime-spec'],
  calledBy: ['conmon', 'conmonrs', 'containerd-shim-runc-v2'],
  calls: ['the kernel'],
  history:
    'Begun 2017 by Giuseppe Scrivano at Red Hat; Fedora\'s default since Fedora 31 (2019-10); 1.0 in 2021; ' +
    'CRI-O\'s default since 1.31 (2024).',
  see: 'crun --root /run/crun list',
  sources: ['https://github.com/containers/crun'],
  fingerprints: [{program: 'crun'}],
}
