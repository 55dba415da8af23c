// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

const SHIM = (container: string) =>
  'containerd-shim -namespace k8s.io' +
  ` -workdir /var/lib/containerd/io.containerd.runtime.v1.linux/k8s.io/${container}` +
  ' -address /run/containerd/containerd.sock -containerd-binary /usr/local/bin/containerd'

/** kubelet → cri-containerd (a daemon) → containerd → containerd-shim. */
export const criContainerd10 = shape(
  'Kubernetes 1.9 on containerd 1.0 with the CRI-containerd daemon',
  [
    'https://github.com/kelseyhightower/kubernetes-the-hard-way/blob/1.9.0/docs/09-bootstrapping-kubernetes-workers.md',
    'https://github.com/containerd/cri/pull/497',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      800, 1, 'kubelet',
      '/usr/local/bin/kubelet --allow-privileged=true --container-runtime=remote' +
        ' --container-runtime-endpoint=unix:///var/run/cri-containerd.sock --image-pull-progress-deadline=2m' +
        ' --network-plugin=cni --register-node=true --runtime-request-timeout=15m --v=2',
    ],
    [810, 1, 'CRI-containerd', '/usr/local/bin/cri-containerd --logtostderr --stream-addr 10.240.0.20'],
    [820, 1, 'containerd', '/usr/local/bin/containerd'],
    [830, 1, 'kube-proxy', '/usr/local/bin/kube-proxy --cluster-cidr=10.200.0.0/16 --proxy-mode=iptables --v=2'],
    [900, 820, 'containerd-shim', SHIM(id(1))],
    [917, 900, 'pause container', '/pause'],
    [920, 820, 'containerd-shim', SHIM(id(2))],
    [937, 920, undefined, 'nginx'],
  ],
  {
    chains: [{
      title: 'Kubernetes through CRI-containerd',
      nodes: ['kubelet', 'CRI-containerd', 'containerd', 'containerd-shim', 'runc', 'pod sandbox', 'container'], containers: 2,
    }],
  },
)
