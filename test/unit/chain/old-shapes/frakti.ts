// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

const VM = '/var/run/hyper/vm-WnpcdpKZBG'

/** kubelet → frakti → hyperd → a virtual machine per pod; what must share the host's kernel goes through Docker. */
export const frakti = shape(
  'Kubernetes 1.7 on frakti, with hyperd (runV) and Docker',
  [
    'https://github.com/kubernetes-retired/frakti/blob/master/docs/deploy.md',
    'https://github.com/kubernetes-retired/frakti/blob/master/cluster/allinone.sh',
    'https://github.com/hyperhq/hyperd/issues/693',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      800, 1, 'kubelet',
      '/usr/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf --container-runtime=remote' +
        ' --container-runtime-endpoint=/var/run/frakti.sock --feature-gates=AllAlpha=true',
    ],
    [
      810, 1, 'frakti',
      '/usr/bin/frakti --v=3 --log-dir=/var/log/frakti --logtostderr=false --cgroup-driver=cgroupfs' +
        ' --listen=/var/run/frakti.sock --streaming-server-addr=node-1 --hyper-endpoint=127.0.0.1:22318',
    ],
    [820, 1, 'hyperd', '/usr/bin/hyperd --log_dir=/var/log/hyper'],
    [
      830, 1, 'QEMU',
      '/usr/bin/qemu-system-x86_64 -machine pc-i440fx-2.1,usb=off -cpu core2duo -kernel /var/lib/hyper/kernel' +
        ` -initrd /var/lib/hyper/hyper-initrd.img -realtime mlock=off -qmp unix:${VM}/qmp.sock,server,nowait` +
        ` -daemonize -pidfile ${VM}/pidfile`,
    ],
    [840, 1, 'dockerd', '/usr/bin/dockerd -H fd://'],
    [
      850, 840, 'docker-containerd',
      'docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock --shim docker-containerd-shim',
    ],
    [
      860, 850, 'docker-containerd-shim',
      `docker-containerd-shim ${id(1)} /var/run/docker/libcontainerd/${id(1)} docker-runc`,
    ],
    [877, 860, 'pause container', '/pause'],
  ],
  {
    chains: [
      {title: 'Kubernetes on frakti', nodes: ['kubelet', 'frakti', 'hyperd', 'QEMU'], containers: 0},
      {title: 'Docker', nodes: ['dockerd', 'docker-containerd', 'docker-containerd-shim', 'docker-runc', 'pod sandbox'], containers: 1},
    ],
  },
)
