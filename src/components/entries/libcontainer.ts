// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const libcontainer: Component = {
  name: 'libcontainer',
  aliases: [],
  layer: 'oci',
  role: 'library',
  brief: 'the Go library inside runc',
  what: 'The Go library that does the work of runc: namespaces, cgroups, capabilities, mounts.',
  why: 'Docker wrote it to call the kernel itself instead of through LXC. It is a library: no process has its name.',
  standards: ['OCI runtime-spec'],
  calledBy: ['runc', 'dockerd before 1.11'],
  calls: ['the kernel'],
  history: 'In Docker 0.9 (2014-03); became the core of runc, given to the OCI 2015-06.',
  see: 'not a process',
  sources: [
    'https://www.docker.com/blog/docker-0-9-introducing-execution-drivers-and-libcontainer/',
    'https://github.com/opencontainers/runc/tree/main/libcontainer',
  ],
  fingerprints: [],
}
