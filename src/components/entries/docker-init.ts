// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerInit: Component = {
  name: 'docker-init',
  aliases: ['tini', 'docker run --init', 'catatonit', 'dumb-init', 'init process'],
  layer: 'process',
  role: 'helper',
  brief: 'tini, the first process of docker run --init',
  what:
    'A tiny first process of a container, from the project tini: it passes signals on and reaps orphans. ' +
    'Podman\'s is catatonit; images may bring tini or dumb-init.',
  why:
    '`docker run --init` puts it before the command. Kubernetes never asks for it: a pod that needs an init ' +
    'must have one in its image.',
  standards: [],
  calledBy: ['dockerd', 'docker-containerd-shim', 'containerd-shim-runc-v2'],
  calls: ['the container\'s command'],
  history: 'tini 2015; `docker run --init` since Docker 1.13 (2017-01).',
  see: 'docker info --format "{{.InitBinary}}"; ps axf shows /sbin/docker-init -- COMMAND',
  sources: ['https://github.com/krallin/tini', 'https://docs.docker.com/reference/cli/docker/container/run/#init'],
  fingerprints: [
    {program: 'docker-init'},
    {program: 'docker-init-current'},
    {program: 'tini'},
    {program: 'tini-static'},
  ],
}
