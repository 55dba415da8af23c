// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

/** Before containerd: the daemon starts containers itself, with libcontainer inside, and they are its children. */
export const docker110 = shape(
  'Kubernetes 1.2 on Docker 1.10',
  [
    'https://github.com/moby/moby/pull/7548',
    'https://github.com/moby/moby/issues/20152',
    'https://github.com/moby/moby/pull/13884',
  ],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd --switched-root --system --deserialize 21'],
    [612, 1, 'kubelet', '/usr/bin/kubelet --api-servers=http://10.0.0.1:8080 --config=/etc/kubernetes/manifests --v=2'],
    [640, 1, 'dockerd', '/usr/bin/docker daemon -H fd:// --storage-driver=overlay'],
    [701, 640, 'pause container', '/pause'],
    [733, 640, undefined, ['nginx: master process nginx -g daemon off;'], 'nginx'],
    [740, 733, undefined, ['nginx: worker process'], 'nginx'],
    [
      752, 640, 'docker-proxy',
      'docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
    ],
    [790, 1, 'docker', 'docker run -d --name web nginx'],
    [791, 1, 'docker', 'docker run --rm alpine daemon'],
  ],
  {
    chains: [
      {title: 'Kubernetes on Docker', nodes: ['kubelet', 'dockerd', 'pod sandbox'], containers: 1},
      {title: 'Docker', nodes: ['dockerd', 'container'], containers: 1},
    ],
    cgroups: {701: `/docker/${id(1)}`, 733: `/docker/${id(2)}`, 740: `/docker/${id(2)}`},
  },
)

/** Docker 1.7 and older had no `daemon` subcommand. */
export const docker17 = shape(
  'Docker 1.6, started with -d',
  ['https://github.com/moby/moby/pull/7548'],
  [
    [1, 0, undefined, '/sbin/init'],
    [596, 1, 'dockerd', 'docker -d -s vfs'],
    [650, 596, undefined, 'sh'],
    [
      662, 596, 'docker-proxy',
      'docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 49153 -container-ip 10.0.0.2 -container-port 80',
    ],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'container'], containers: 1}],
    cgroups: {650: `/docker/${id(1)}`},
  },
)
