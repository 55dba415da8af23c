// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerDesktop: Component = {
  name: 'Docker Desktop',
  aliases: ['docker for mac', 'docker for windows', 'com.docker.backend'],
  layer: 'engine',
  role: 'platform',
  brief: 'Docker for workstations, in a VM',
  what:
    'Docker\'s product for macOS, Windows and Linux desktops: a Linux VM with dockerd and an optional ' +
    'Kubernetes inside.',
  why:
    'On a workstation the containers are in that VM: rtctl run on the desktop itself sees only the client and ' +
    'the VM.',
  standards: [],
  calledBy: ['people'],
  calls: ['dockerd', 'hyperkit'],
  history:
    'Docker for Mac and Windows: beta 2016-03, general 2016-07; named Docker Desktop since 2018; paid for ' +
    'larger firms since 2021-08.',
  see: 'docker context ls; docker info --format "{{.OperatingSystem}}"',
  sources: ['https://docs.docker.com/desktop/'],
  fingerprints: [{program: 'com.docker.backend'}, {program: 'com.docker.hyperkit'}],
}
