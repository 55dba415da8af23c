// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const podman: Component = {
  name: 'podman',
  aliases: ['libpod', 'kpod'],
  layer: 'engine',
  role: 'client',
  brief: 'a Docker-like engine without a daemon',
  what: 'A Docker-like engine without a daemon: the command itself starts conmon and the OCI runtime, and leaves.',
  why:
    'It runs containers and pods for people and systemd units, also without root. Its containers are on a node ' +
    'beside Kubernetes, not part of it.',
  standards: ['OCI runtime-spec', 'OCI image-spec', 'CNI'],
  calledBy: ['people', 'systemd'],
  calls: ['conmon', 'crun', 'runc', 'buildah'],
  history:
    'Begun 2017 as kpod inside CRI-O, libpod of its own 2018-02; 1.0 in 2019-01; 4.0 (2022-02) brought the ' +
    'netavark network beside CNI.',
  see: 'podman ps -a; podman system service listens on /run/podman/podman.sock',
  sources: ['https://podman.io/', 'https://github.com/containers/podman'],
  fingerprints: [{program: 'podman'}],
}
