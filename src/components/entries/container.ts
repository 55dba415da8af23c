// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const container: Component = {
  name: 'container',
  aliases: ['containers', 'container process'],
  layer: 'standard',
  role: 'standard',
  brief: 'processes in namespaces and a cgroup of their own',
  what:
    'Ordinary processes of the machine with a root file system, namespaces, a cgroup and limits of their own. ' +
    'ps on the host shows them all.',
  why:
    'The first process is a child of the shim, not of the daemon: engines can be restarted or die, and the ' +
    'containers run on.',
  standards: ['OCI runtime-spec'],
  calledBy: ['shim'],
  calls: ['the kernel'],
  history: 'LXC 2008, Docker 2013-03; specified by OCI runtime-spec 1.0 (2017-07-19).',
  see: 'rtctl inspect --containers; cat /proc/PID/cgroup',
  sources: ['https://github.com/opencontainers/runtime-spec/blob/main/runtime.md'],
  fingerprints: [],
}
