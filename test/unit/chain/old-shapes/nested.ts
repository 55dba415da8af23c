// SPDX-License-Identifier: Apache-2.0
import {id, podCgroup, shape} from './shape.ts'

/** A node in a container: below the outer shim a whole systemd machine with its own containerd and kubelet. */
export const kindNode = shape(
  'kind node on Docker',
  ['https://github.com/coreos/bugs/issues/2646', 'https://kind.sigs.k8s.io/docs/design/node-image/'],
  [
    [1, 0, undefined, '/sbin/init'],
    [500, 1, 'containerd', '/usr/bin/containerd'],
    [510, 1, 'dockerd', '/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'],
    [
      600, 1, 'containerd-shim-runc-v2',
      `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${id(1)} -address /run/containerd/containerd.sock`,
    ],
    [620, 600, undefined, '/sbin/init', 'systemd'],
    [
      640, 510, 'docker-proxy',
      '/usr/bin/docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 37411 -container-ip 172.18.0.2 -container-port 6443',
    ],
    [700, 620, undefined, '/lib/systemd/systemd-journald'],
    [710, 620, 'containerd', '/usr/local/bin/containerd'],
    [
      720, 620, 'kubelet',
      '/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf' +
        ' --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml' +
        ' --container-runtime-endpoint=unix:///run/containerd/containerd.sock --node-ip=172.18.0.2' +
        ' --provider-id=kind://docker/kind/kind-control-plane --runtime-cgroups=/system.slice/containerd.service',
    ],
    [
      730, 620, 'containerd-shim-runc-v2',
      `/usr/local/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${id(2)} -address /run/containerd/containerd.sock`,
    ],
    [750, 730, 'pause container', '/pause'],
    [760, 730, 'kindnet', '/bin/kindnetd'],
  ],
  {
    chains: [
      {
        title: 'Kubernetes on containerd', inside: 620,
        nodes: ['kubelet', 'CRI plugin', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox', 'container'], containers: 2,
      },
      {title: 'Docker', nodes: ['dockerd', 'containerd', 'containerd-shim-runc-v2', 'runc', 'container'], containers: 1},
    ],
    // The node's own groups are below that of its container, whose id is not at the end of the path.
    cgroups: {
      620: `/docker/${id(1)}/init.scope`, 750: `/docker/${id(1)}/kubelet${podCgroup(1, id(2))}`, 760: `/docker/${id(1)}/kubelet${podCgroup(2, id(3))}`,
    },
    nested: {620: 1, 700: 80, 710: 90, 720: 100, 730: 130, 750: 150, 760: 160},
  },
)

/** Inside a minikube machine with Docker Engine: kubelet → cri-dockerd → dockerd → containerd. */
export const minikubeNode = shape(
  'minikube with Docker Engine and cri-dockerd',
  [
    'https://github.com/kubernetes/minikube/issues/14937',
    'https://github.com/kubernetes/minikube/issues/16198',
    'https://github.com/kubernetes/minikube/issues/12099',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [500, 1, 'containerd', '/usr/bin/containerd'],
    [
      510, 1, 'dockerd',
      '/usr/bin/dockerd -H tcp://0.0.0.0:2376 -H unix:///var/run/docker.sock --default-ulimit=nofile=1048576:1048576' +
        ' --tlsverify --tlscacert /etc/docker/ca.pem --label provider=docker --insecure-registry 10.96.0.0/12',
    ],
    [
      520, 1, 'cri-dockerd',
      '/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --pod-infra-container-image=registry.k8s.io/pause:3.9' +
        ' --network-plugin=cni --hairpin-mode=hairpin-veth',
    ],
    [
      530, 1, 'kubelet',
      '/var/lib/minikube/binaries/v1.26.3/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf' +
        ' --config=/var/lib/kubelet/config.yaml --container-runtime-endpoint=unix:///var/run/cri-dockerd.sock' +
        ' --hostname-override=minikube',
    ],
    [
      600, 1, 'containerd-shim-runc-v2',
      `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${id(1)} -address /run/containerd/containerd.sock`,
    ],
    [620, 600, 'pause container', '/pause'],
    [
      630, 1, 'containerd-shim-runc-v2',
      `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${id(2)} -address /run/containerd/containerd.sock`,
    ],
    [650, 630, undefined, '/storage-provisioner'],
  ],
  {
    chains: [
      {
        title: 'Kubernetes through cri-dockerd',
        nodes: ['kubelet', 'cri-dockerd', 'dockerd', 'containerd', 'containerd-shim-runc-v2', 'runc', 'pod sandbox', 'container'], containers: 2,
      },
    ],
    cgroups: {620: podCgroup(1, id(1)), 650: podCgroup(1, id(2))},
  },
)
