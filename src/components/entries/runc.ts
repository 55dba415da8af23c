// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runc: Component = {
  name: 'runc',
  aliases: ['opencontainers/runc'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'the reference OCI runtime',
  what:
    'The reference OCI runtime: a command that makes a container from namespaces, cgroups, capabilities and ' +
    'seccomp, and leaves.',
  why:
    'It turns a bundle into a running process. It is rarely seen in ps, since it exits once the container ' +
    'runs; its state directory shows it was there.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim-runc-v2', 'containerd-shim', 'conmon', 'nvidia-container-runtime'],
  calls: ['libcontainer', 'the kernel'],
  history:
    'Docker gave libcontainer and runc to the new OCI 2015-06-22 (to the OCI, not to the CNCF); in Docker ' +
    'since 1.11 (2016-04); 1.0 in 2021-06.',
  see: 'runc --root /run/containerd/runc/k8s.io list',
  sources: ['https://github.com/opencontainers/runc', 'https://www.docker.com/blog/runc/'],
  fingerprints: [{program: 'runc'}, {comm: /^runc:\[/}],
}
