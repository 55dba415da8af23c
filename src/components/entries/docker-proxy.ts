// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerProxy: Component = {
  name: 'docker-proxy',
  aliases: ['userland proxy', 'docker proxy'],
  layer: 'network',
  role: 'helper',
  brief: 'Docker\'s userland proxy for a published port',
  what: 'Docker\'s userland proxy: one process per published port and address, started for `docker run -p`.',
  why:
    'It carries what NAT rules do not, such as connections from the host itself. Pods never use it: hostPort ' +
    'is done by the CNI portmap plugin, port-forward by the runtime.',
  standards: [],
  calledBy: ['dockerd'],
  calls: ['a container\'s port'],
  history:
    'A thread of the daemon at first, one process per port since 2014; a binary of its own since Docker 1.12 ' +
    '(2016-07).',
  see: 'pgrep -a docker-proxy (argv: -proto tcp -host-ip … -host-port … -container-ip …)',
  sources: [
    'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
    'https://github.com/moby/moby/pull/7548',
  ],
  fingerprints: [
    {program: 'docker-proxy'},
    {program: 'docker-proxy-current'},
    {program: 'docker-proxy-latest'},
    {program: 'rootlesskit-docker-proxy'},
  ],
}
