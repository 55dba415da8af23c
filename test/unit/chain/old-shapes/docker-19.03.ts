// SPDX-License-Identifier: Apache-2.0
import {id, podCgroup, shape} from './shape.ts'

const SHIM = (container: string) =>
  `containerd-shim -namespace moby -workdir /var/lib/containerd/io.containerd.runtime.v1.linux/moby/${container}` +
  ' -address /run/containerd/containerd.sock -containerd-binary /usr/bin/containerd' +
  ' -runtime-root /var/run/docker/runtime-runc'

/** containerd is a service of its own: systemd → containerd → containerd-shim, and systemd → dockerd → docker-proxy. */
export const docker1903 = shape(
  'Kubernetes 1.20 through dockershim on Docker 19.03, shim v1',
  [
    'https://github.com/docker/for-win/issues/2124',
    'https://github.com/containerd/containerd/blob/release/1.2/runtime/v1/shim/client/client.go',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      900, 1, 'kubelet',
      '/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf' +
        ' --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml --network-plugin=cni' +
        ' --pod-infra-container-image=k8s.gcr.io/pause:3.2',
    ],
    [1000, 1, 'containerd', '/usr/bin/containerd'],
    [1001, 1, 'dockerd', '/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'],
    [1100, 1000, 'containerd-shim', SHIM(id(1))],
    [1117, 1100, 'pause container', '/pause'],
    [1120, 1000, 'containerd-shim', SHIM(id(2))],
    [1137, 1120, undefined, '/coredns -conf /etc/coredns/Corefile'],
    [1140, 1000, 'containerd-shim', SHIM(id(3))],
    [1157, 1140, 'docker-init', '/sbin/docker-init -- /usr/sbin/syslog-ng -F'],
    [1158, 1157, undefined, '/usr/sbin/syslog-ng -F'],
    [
      1160, 1001, 'docker-proxy',
      '/usr/bin/docker-proxy -proto udp -host-ip 0.0.0.0 -host-port 514 -container-ip 172.17.0.2 -container-port 514',
    ],
  ],
  {
    chains: [
      {
        title: 'Kubernetes through dockershim',
        nodes: ['kubelet', 'dockershim', 'dockerd', 'containerd', 'containerd-shim', 'runc', 'pod sandbox', 'container'], containers: 2,
      },
      {title: 'Docker', nodes: ['dockerd', 'containerd', 'containerd-shim', 'runc', 'container'], containers: 1},
    ],
    cgroups: {1117: podCgroup(1, id(1)), 1137: podCgroup(1, id(2)), 1157: `/docker/${id(3)}`},
  },
)

/** 18.09 where dockerd starts its own containerd, as before the packages were split. */
export const docker1809 = shape(
  'Docker 18.09 with its own containerd',
  ['https://github.com/moby/moby/blob/v18.09.9/libcontainerd/remote_daemon.go'],
  [
    [1, 0, undefined, '/lib/systemd/systemd'],
    [1001, 1, 'dockerd', '/usr/bin/dockerd -H unix://'],
    [1010, 1001, 'containerd', 'containerd --config /var/run/docker/containerd/containerd.toml --log-level info'],
    [
      1100, 1010, 'containerd-shim',
      'containerd-shim -namespace moby' +
        ` -workdir /var/lib/docker/containerd/daemon/io.containerd.runtime.v1.linux/moby/${id(1)}` +
        ' -address /var/run/docker/containerd/containerd.sock -containerd-binary /usr/bin/containerd' +
        ' -runtime-root /var/run/docker/runtime-runc -systemd-cgroup',
    ],
    [1117, 1100, undefined, 'postgres'],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'containerd', 'containerd-shim', 'runc', 'container'], containers: 1}],
  },
)
