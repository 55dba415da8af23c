// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const rktlet: Component = {
  name: 'rktlet',
  aliases: [],
  layer: 'cri',
  role: 'daemon',
  brief: 'CRI for rkt (retired)',
  what: 'A CRI server for rkt.',
  why: 'It was to replace the rkt code inside the kubelet (rktnetes), and ended with rkt.',
  standards: ['CRI'],
  calledBy: ['kubelet'],
  calls: ['rkt', 'systemd-run'],
  history: 'Begun 2016 in kubernetes-incubator; never reached 1.0; archived with rkt.',
  see: 'pgrep -a rktlet; socket: /var/run/rktlet.sock',
  sources: ['https://github.com/kubernetes-retired/rktlet'],
  fingerprints: [{program: 'rktlet'}],
}
