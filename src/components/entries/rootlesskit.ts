// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const rootlesskit: Component = {
  name: 'rootlesskit',
  aliases: ['dockerd-rootless', 'rootless docker', 'dockerd-rootless.sh'],
  layer: 'engine',
  role: 'helper',
  brief: 'starts an engine for a user who is not root',
  what: 'A helper that makes an ordinary user root of a new user namespace and starts an engine in it.',
  why:
    'It is the parent of a rootless dockerd, containerd or k3s: those live in their own mount, network and pid ' +
    'namespaces, with sockets below /run/user/UID.',
  standards: [],
  calledBy: ['systemd --user'],
  calls: ['dockerd', 'containerd', 'slirp4netns'],
  history: 'Begun 2018; used by Docker\'s rootless mode, experimental in 19.03 (2019-07), stable in 20.10 (2020-12).',
  see: 'pgrep -a rootlesskit; ls /run/user/*/docker.sock',
  sources: [
    'https://github.com/rootless-containers/rootlesskit',
    'https://docs.docker.com/engine/security/rootless/',
  ],
  fingerprints: [
    {program: 'rootlesskit'},
    {program: 'dockerd-rootless.sh'},
    {program: 'dockerd-rootless'},
    {program: 'containerd-rootless.sh'},
    {program: 'exe', argument: /(dockerd|containerd)-rootless/},
  ],
}
