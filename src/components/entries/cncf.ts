// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cncf: Component = {
  name: 'CNCF',
  aliases: ['cloud native computing foundation'],
  layer: 'standard',
  role: 'standard',
  brief: 'home of Kubernetes, containerd and CRI-O',
  what:
    'The Cloud Native Computing Foundation, part of the Linux Foundation: home of Kubernetes, containerd, ' +
    'CRI-O, CNI.',
  why: 'It is where containerd went; libcontainer and runc went to the OCI, another body.',
  standards: [],
  calledBy: [],
  calls: [],
  history:
    'Announced 2015-07-21 with Kubernetes 1.0; containerd and rkt came in 2017-03, CRI-O in 2019-04; rkt ' +
    'archived 2019-08.',
  see: 'not a process',
  sources: [
    'https://www.cncf.io/announcements/2015/06/21/new-cloud-native-computing-foundation-to-drive-alignment-among-container-technologies/',
    'https://www.cncf.io/announcements/2017/03/29/containerd-joins-cloud-native-computing-foundation/',
  ],
  fingerprints: [],
}
