// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const dockerd: Component = {
  name: 'dockerd',
  aliases: ['docker engine', 'docker daemon', 'docker-ce', 'moby engine', 'docker.service'],
  layer: 'engine',
  role: 'daemon',
  brief: 'the Docker Engine daemon',
  what: 'The Docker Engine: the daemon that answers the Docker API on /var/run/docker.sock.',
  why:
    'It does images, builds, volumes, networks and logs, and leaves running containers to containerd. It ' +
    'speaks no CRI, hence dockershim and cri-dockerd.',
  standards: ['CNM', 'OCI image-spec'],
  calledBy: ['docker', 'dockershim', 'cri-dockerd', 'Docker Compose', 'kubelet'],
  calls: ['containerd', 'docker-containerd', 'docker-proxy', 'libnetwork', 'BuildKit'],
  history:
    'Docker published 2013-03; 1.0 in 2014-06; containerd and runc split off in 1.11 (2016-04); dockerd a ' +
    'binary of its own in 1.12 (2016-07); containerd a separate service from 18.09 (2018-11).',
  see: 'docker info; ss -xlp | grep docker.sock',
  sources: [
    'https://docs.docker.com/engine/release-notes/prior-releases/',
    'https://www.docker.com/blog/docker-engine-1-11-runc/',
  ],
  fingerprints: [
    {program: 'dockerd'},
    {program: 'dockerd-current'},
    {program: 'dockerd-latest'},
    {program: 'dockerd-ce'},
    {program: 'docker-current', firstArgument: /^daemon$/},
    {program: 'docker', firstArgument: /^(daemon|-d|--daemon(=true)?)$/},
  ],
}
