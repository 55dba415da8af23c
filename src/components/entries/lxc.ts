// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const lxc: Component = {
  name: 'LXC',
  aliases: ['linux containers', 'lxc-start', 'liblxc'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'the first userland for Linux containers',
  what:
    'The first userland for Linux containers: tools and a library that start system containers from namespaces ' +
    'and cgroups.',
  why:
    'Docker used it to start containers before it had libcontainer. It runs whole distributions rather than ' +
    'single programs.',
  standards: [],
  calledBy: ['LXD', 'people', 'dockerd before 0.9'],
  calls: ['the kernel'],
  history:
    'Begun 2008-08; 1.0 in 2014-02; Docker\'s default driver until libcontainer replaced it in Docker 0.9 ' +
    '(2014-03), removed in 1.10 (2016-02).',
  see: 'lxc-ls --fancy',
  sources: [
    'https://linuxcontainers.org/lxc/introduction/',
    'https://www.docker.com/blog/docker-0-9-introducing-execution-drivers-and-libcontainer/',
  ],
  fingerprints: [{program: 'lxc-start'}, {program: 'lxc-monitord'}, {program: 'lxc-execute'}, {comm: 'lxc-start'}],
}
