// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const lxd: Component = {
  name: 'LXD',
  aliases: ['lxd', 'incus', 'incusd'],
  layer: 'engine',
  role: 'daemon',
  brief: 'daemon for LXC system containers, also Incus',
  what:
    'A daemon with a REST API that manages LXC system containers and virtual machines; Incus is its community ' +
    'fork.',
  why:
    'It manages machines rather than application containers, and stands beside the Kubernetes runtimes. A ' +
    'Kubernetes node may itself be an LXD container.',
  standards: [],
  calledBy: ['the clients lxc and incus'],
  calls: ['LXC', 'QEMU'],
  history: 'Announced by Canonical 2014-11; left the Linux Containers project 2023-07-04; forked as Incus 2023-08.',
  see: 'lxc list; incus list',
  sources: ['https://linuxcontainers.org/lxd/', 'https://linuxcontainers.org/incus/'],
  fingerprints: [{program: 'lxd'}, {program: 'incusd'}],
}
