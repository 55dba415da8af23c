// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ccProxy: Component = {
  name: 'cc-proxy',
  aliases: ['clear containers proxy'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'Clear Containers: the line into the VMs',
  what:
    'Clear Containers: the daemon that passes the shims\' and runtime\'s words to the agents in the virtual ' +
    'machines.',
  why: 'As kata-proxy, but one daemon for the whole host.',
  standards: [],
  calledBy: ['cc-runtime', 'cc-shim'],
  calls: ['the agent in the VM'],
  history: 'Clear Containers 2.1 (2017) and 3.0 (2017-09); replaced by kata-proxy.',
  see: 'systemctl status cc3-proxy',
  sources: ['https://github.com/clearcontainers/proxy'],
  fingerprints: [{program: 'cc-proxy'}, {program: 'cc-proxy-3'}],
}
