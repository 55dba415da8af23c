// SPDX-License-Identifier: Apache-2.0
import type {PodToRun} from './inside/pods.ts'

/** Images as pods and daemons name them, all of one busybox. No registry has the last one. */
export const IMAGES = {
  pause: 'k8s.gcr.io/pause:3.2',
  web: 'registry.example.com:5000/shop/web:1.4',
  agent: 'busybox:1.35',
  local: 'ci/report:7',
} as const

/** Ends at once when it is told to: as pid 1 a plain `sleep` would not. */
export const FOREVER = ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 1000 & wait $!; done'] as const

const container = (name: string, image: string) => ({name, image, command: FOREVER})

/** What the API server would have this node run. */
export const API_PODS: readonly PodToRun[] = [
  {
    name: 'web-0', namespace: 'shop', uid: '5d3c2f64-5c0e-4d3a-9c3e-0a52a1f00001', hostNetwork: false, source: 'api',
    containers: [container('server', IMAGES.web), container('report', IMAGES.local)],
  },
  {
    name: 'agent-x7k2p', namespace: 'kube-system', uid: '5d3c2f64-5c0e-4d3a-9c3e-0a52a1f00002', hostNetwork: true, source: 'api',
    containers: [container('agent', IMAGES.agent)],
  },
]

/** Names of all pods, as `namespace/name`, sorted. */
export const PODS = ['kube-system/agent-x7k2p', 'kube-system/node-cache-node-1', 'shop/web-0']

const MANIFEST = `apiVersion: v1
kind: Pod
metadata:
  name: node-cache
  namespace: kube-system
  labels: {tier: node}
spec:
  hostNetwork: true
  containers:
    - name: cache
      image: ${IMAGES.agent}
      command: ${JSON.stringify(FOREVER)}
`

const DAEMON_JSON = `{
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "log-driver": "json-file",
  "log-opts": {"max-size": "20m", "max-file": "4"},
  "storage-driver": "overlay2",
  "registry-mirrors": ["https://mirror.example.com"],
  "insecure-registries": ["registry.example.com:5000"],
  "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 2048}},
  "max-concurrent-downloads": 5
}
`

const KUBELET_CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
# written by kubeadm
cgroupDriver: cgroupfs
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
healthzBindAddress: 127.0.0.1
healthzPort: 10248
staticPodPath: /etc/kubernetes/manifests
`

const KUBELET_UNIT = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=1

[Install]
WantedBy=multi-user.target
`

const KUBEADM_DROP_IN = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

const CNI = JSON.stringify({
  cniVersion: '0.3.1', name: 'pods',
  plugins: [{type: 'bridge', bridge: 'cni0', isGateway: true, ipam: {type: 'host-local', ranges: [[{subnet: '10.244.0.0/24'}]]}}],
})

/** A file of a node: its text, permission bits and group. */
export interface NodeFile {
  readonly text: string
  readonly mode?: number
  readonly group?: number
}

/** The node's files beside what Debian's packages bring, by path: as kubeadm and an administrator have left them. */
export const NODE_FILES: Readonly<Record<string, NodeFile>> = {
  '/etc/docker/daemon.json': {text: DAEMON_JSON, mode: 0o600},
  '/etc/kubernetes/manifests/node-cache.yaml': {text: MANIFEST},
  '/etc/cni/net.d/10-pods.conflist': {text: CNI},
  '/etc/systemd/system/kubelet.service': {text: KUBELET_UNIT},
  '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': {text: KUBEADM_DROP_IN, mode: 0o640},
  '/var/lib/kubelet/config.yaml': {text: KUBELET_CONFIG, mode: 0o640, group: 4},
  '/var/lib/kubelet/kubeadm-flags.env': {text: `KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=${IMAGES.pause}"\n`},
  '/etc/resolv.conf': {text: 'nameserver 192.0.2.53\n'},
  '/etc/hostname': {text: 'node-1\n'},
  '/opt/cluster/pods.json': {text: JSON.stringify(API_PODS)},
}

/** Links of `systemctl enable` that the packages have not made. */
export const NODE_LINKS: Readonly<Record<string, string>> = {
  '/etc/systemd/system/multi-user.target.wants/kubelet.service': '/etc/systemd/system/kubelet.service',
}
