// SPDX-License-Identifier: Apache-2.0
import {containerdAt, id, podCgroup, shape} from './shape.ts'

const SHIM = (container: string) =>
  `docker-containerd-shim ${container} /var/run/docker/libcontainerd/${container} docker-runc`

/** dockerd → docker-containerd → docker-containerd-shim → container; docker-proxy is dockerd's own child. */
export const docker1706 = shape(
  'Kubernetes 1.8 through dockershim on Docker 17.06',
  [
    'https://github.com/moby/moby/issues/26041',
    'https://github.com/moby/moby/issues/33994',
    'https://github.com/docker/for-linux/issues/192',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      900, 1, 'kubelet',
      '/usr/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf --network-plugin=cni --cgroup-driver=cgroupfs',
    ],
    [1000, 1, 'dockerd', '/usr/bin/dockerd --registry-mirror=http://mirror.example -H fd://'],
    [
      1010, 1000, 'docker-containerd',
      'docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock --metrics-interval=0' +
        ' --start-timeout 2m --state-dir /var/run/docker/libcontainerd/containerd --shim docker-containerd-shim' +
        ' --runtime docker-runc',
    ],
    [1100, 1010, 'docker-containerd-shim', SHIM(id(1))],
    [1117, 1100, 'pause container', '/pause'],
    [1120, 1010, 'docker-containerd-shim', SHIM(id(2))],
    [1137, 1120, undefined, '/kube-dns --domain=cluster.local. --dns-port=10053'],
    [1140, 1010, 'docker-containerd-shim', SHIM(id(3))],
    [1157, 1140, 'docker-init', 'docker-init -- sleep 1d'],
    [1158, 1157, undefined, 'sleep 1d'],
    [
      1160, 1000, 'docker-proxy',
      '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 5000 -container-ip 172.17.0.2 -container-port 5000',
    ],
    [1200, 1140, 'docker-runc', `docker-runc --log /run/log.json exec -d --process /tmp/p --pid-file /run/x ${id(3)}`],
    [
      1300, 1, 'docker-containerd-ctr',
      'docker-containerd-ctr --address /var/run/docker/libcontainerd/docker-containerd.sock containers',
    ],
  ],
  {
    chains: [
      {
        title: 'Kubernetes through dockershim',
        nodes: ['kubelet', 'dockershim', 'dockerd', 'docker-containerd', 'docker-containerd-shim', 'docker-runc', 'pod sandbox', 'container'],
        containers: 2,
      },
      {title: 'Docker', nodes: ['dockerd', 'docker-containerd', 'docker-containerd-shim', 'docker-runc', 'container'], containers: 1},
    ],
    cgroups: {1117: podCgroup(1, id(1)), 1137: podCgroup(1, id(2)), 1157: `/docker/${id(3)}`},
  },
)

const WORK = '/var/lib/docker/containerd/daemon/io.containerd.runtime.v1.linux/moby'

/** 17.12 and 18.06 have containerd 1.0 and 1.1 inside, still under Docker's names. */
export const docker1712 = shape(
  'Docker 17.12',
  ['https://github.com/moby/moby/issues/40145', 'https://github.com/google/gvisor/issues/19'],
  [
    [1, 0, undefined, '/lib/systemd/systemd --system'],
    [1000, 1, 'dockerd', '/usr/bin/dockerd -H fd://'],
    [1010, 1000, 'docker-containerd', 'docker-containerd --config /var/run/docker/containerd/containerd.toml'],
    [
      1100, 1010, 'docker-containerd-shim',
      `docker-containerd-shim -namespace moby -workdir ${WORK}/${id(1)}` +
        ' -address /var/run/docker/containerd/docker-containerd.sock -containerd-binary /usr/bin/docker-containerd' +
        ' -runtime-root /var/run/docker/runtime-runc',
    ],
    [1117, 1100, undefined, 'redis-server *:6379'],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'docker-containerd', 'docker-containerd-shim', 'runc', 'container'], containers: 1}],
    files: containerdAt('/var/run/docker/containerd/containerd.toml', '/var/run/docker/containerd/docker-containerd.sock'),
  },
)

/** Red Hat's build of 1.13 put `-current` behind every name. */
export const dockerCurrent = shape(
  'Docker 1.13 of Red Hat Enterprise Linux 7',
  ['https://github.com/projectatomic/docker/issues/338'],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd --switched-root --system --deserialize 22'],
    [
      1000, 1, 'dockerd',
      '/usr/bin/dockerd-current --add-runtime docker-runc=/usr/libexec/docker/docker-runc-current' +
        ' --default-runtime=docker-runc --exec-opt native.cgroupdriver=systemd' +
        ' --userland-proxy-path=/usr/libexec/docker/docker-proxy-current',
    ],
    [
      1010, 1000, 'docker-containerd',
      '/usr/bin/docker-containerd-current -l unix:///var/run/docker/libcontainerd/docker-containerd.sock' +
        ' --metrics-interval=0 --start-timeout 2m --shim docker-containerd-shim --runtime docker-runc',
    ],
    [
      1100, 1010, 'docker-containerd-shim',
      `/usr/bin/docker-containerd-shim-current ${id(1)} /var/run/docker/libcontainerd/${id(1)}` +
        ' /usr/libexec/docker/docker-runc-current',
    ],
    [1117, 1100, undefined, '/usr/bin/pod'],
    [
      1160, 1000, 'docker-proxy',
      '/usr/libexec/docker/docker-proxy-current -proto tcp -host-ip 0.0.0.0 -host-port 80 -container-ip 172.17.0.2' +
        ' -container-port 80',
    ],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'docker-containerd', 'docker-containerd-shim', 'docker-runc', 'container'], containers: 1}],
  },
)
