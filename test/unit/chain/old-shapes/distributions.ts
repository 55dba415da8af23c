// SPDX-License-Identifier: Apache-2.0
import {id, podCgroup, shape} from './shape.ts'

const K3S_BIN = '/var/lib/rancher/k3s/data/c26e7571d760c5f199d18efd197114f1ca4ab1e6ffe494f96feb65c87fcb8cf0/bin'

/** k3s writes one string over its argv; kubelet and control plane are threads of it. */
export const k3s = shape(
  'k3s',
  [
    'https://github.com/kubevirt/kubevirt/pull/9668',
    'https://github.com/k3s-io/k3s/issues/1167',
    'https://github.com/k3s-io/k3s/issues/494',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [700, 1, 'k3s', ['/usr/local/bin/k3s server'], 'k3s-server'],
    [
      760, 700, 'containerd',
      'containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml -a /run/k3s/containerd/containerd.sock' +
        ' --state /run/k3s/containerd --root /var/lib/rancher/k3s/agent/containerd',
    ],
    [
      842, 1, 'containerd-shim-runc-v2',
      `${K3S_BIN}/containerd-shim-runc-v2 -namespace k8s.io -id ${id(1)} -address /run/k3s/containerd/containerd.sock`,
    ],
    [860, 842, 'pause container', '/pause'],
    [880, 842, undefined, '/coredns -conf /etc/coredns/Corefile'],
  ],
  {
    chains: [{title: 'Kubernetes on containerd', nodes: ['k3s', 'CRI plugin', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox', 'container'], containers: 2}],
    cgroups: {860: podCgroup(1, id(1)), 880: podCgroup(1, id(2))},
  },
)

/** With a debug flag before the subcommand, and not yet renamed. */
export const k3sAgent = shape(
  'k3s agent, started by hand',
  ['https://github.com/k3s-io/k3s/issues/494'],
  [
    [1, 0, undefined, '/sbin/init'],
    [700, 1, 'k3s', 'k3s --debug agent --server https://192.168.2.99:6443 --node-name 192.168.2.220'],
    [710, 1, 'k3s', ['/usr/local/bin/k3s agent', '', ''], 'k3s-agent'],
  ],
  {
    chains: [
      {title: 'Kubernetes, runtime unknown', nodes: ['k3s', 'CRI'], containers: 0},
      {title: 'Kubernetes, runtime unknown', nodes: ['k3s', 'CRI'], containers: 0},
    ],
  },
)

const RKE2_BIN = '/var/lib/rancher/rke2/data/v1.33.8-rke2r1-1b2872361ec5/bin'

/** rke2 supervises: containerd and the kubelet are its children. */
export const rke2 = shape(
  'rke2',
  ['https://docs.rke2.io/architecture', 'https://github.com/rancher/rke2/blob/master/pkg/cli/cmds/server.go'],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd'],
    [1594, 1, 'rke2', ['/usr/local/bin/rke2 server'], 'rke2'],
    [
      1958, 1594, 'containerd',
      'containerd -c /var/lib/rancher/rke2/agent/etc/containerd/config.toml -a /run/k3s/containerd/containerd.sock' +
        ' --state /run/k3s/containerd --root /var/lib/rancher/rke2/agent/containerd',
    ],
    [
      2057, 1594, 'kubelet',
      'kubelet --volume-plugin-dir=/var/lib/kubelet/volumeplugins --file-check-frequency=5s --sync-frequency=30s' +
        ' --container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock --containerd=/run/k3s/containerd/containerd.sock',
    ],
    [
      2100, 1, 'containerd-shim-runc-v2',
      `${RKE2_BIN}/containerd-shim-runc-v2 -namespace k8s.io -id ${id(1)} -address /run/k3s/containerd/containerd.sock`,
    ],
    [2120, 2100, 'pause container', '/pause'],
  ],
  {
    chains: [{title: 'Kubernetes on containerd', nodes: ['kubelet', 'CRI plugin', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox'], containers: 1}],
  },
)

/** kubelite is API server, scheduler, controllers, kubelet and kube-proxy in one; every path is the snap's. */
export const microk8s = shape(
  'MicroK8s',
  [
    'https://microk8s.io/docs/configuring-services',
    'https://github.com/canonical/microk8s/blob/master/microk8s-resources/wrappers/run-kubelite-with-args',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      7457, 1, undefined,
      '/snap/microk8s/3699/bin/k8s-dqlite --storage-dir=/var/snap/microk8s/3699/var/kubernetes/backend/',
    ],
    [
      7489, 1, 'MicroK8s',
      '/snap/microk8s/3699/kubelite --scheduler-args-file=/var/snap/microk8s/3699/args/kube-scheduler' +
        ' --controller-manager-args-file=/var/snap/microk8s/3699/args/kube-controller-manager' +
        ' --proxy-args-file=/var/snap/microk8s/3699/args/kube-proxy' +
        ' --kubelet-args-file=/var/snap/microk8s/3699/args/kubelet',
    ],
    [
      7500, 1, 'containerd',
      '/snap/microk8s/3699/bin/containerd --config /var/snap/microk8s/3699/args/containerd.toml' +
        ' --root /var/snap/microk8s/common/var/lib/containerd --state /var/snap/microk8s/common/run/containerd' +
        ' --address /var/snap/microk8s/common/run/containerd.sock',
    ],
    [
      7600, 1, 'containerd-shim-runc-v2',
      `/snap/microk8s/3699/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${id(1)}` +
        ' -address /var/snap/microk8s/common/run/containerd.sock',
    ],
    [7620, 7600, 'pause container', '/pause'],
    [7640, 7600, 'calico', 'calico-node -felix'],
  ],
  {
    chains: [{title: 'Kubernetes on containerd', nodes: ['MicroK8s', 'CRI plugin', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox', 'container'], containers: 2}],
    cgroups: {7620: podCgroup(1, id(1)), 7640: podCgroup(1, id(2))},
  },
)

/** k0s unpacks the ordinary programs and is their parent. */
export const k0s = shape(
  'k0s worker',
  [
    'https://docs.k0sproject.io/stable/runtime/',
    'https://github.com/k0sproject/k0s/blob/main/pkg/component/worker/kubelet.go',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [27892, 1, 'k0s', '/usr/local/bin/k0s worker --data-dir=/var/lib/k0s --token-file=/etc/k0s/k0stoken'],
    [
      27937, 27892, 'containerd',
      '/var/lib/k0s/bin/containerd --root=/var/lib/k0s/containerd --state=/run/k0s/containerd' +
        ' --address=/run/k0s/containerd.sock --log-level=info --config=/etc/k0s/containerd.toml',
    ],
    [
      27951, 27892, 'kubelet',
      '/var/lib/k0s/bin/kubelet --root-dir=/var/lib/k0s/kubelet --config=/var/lib/k0s/kubelet-config.yaml --v=1' +
        ' --runtime-cgroups=/system.slice/containerd.service --container-runtime=remote' +
        ' --container-runtime-endpoint=unix:///run/k0s/containerd.sock',
    ],
    [
      28059, 27892, 'containerd-shim-runc-v2',
      `/var/lib/k0s/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${id(1)} -address /run/k0s/containerd.sock`,
    ],
    [28104, 28059, 'pause container', '/pause'],
    [28110, 28059, 'kube-proxy', '/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.conf'],
  ],
  {
    chains: [{title: 'Kubernetes on containerd', nodes: ['kubelet', 'CRI plugin', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox', 'container'], containers: 2}],
    cgroups: {28104: podCgroup(1, id(1)), 28110: podCgroup(1, id(2))},
  },
)
