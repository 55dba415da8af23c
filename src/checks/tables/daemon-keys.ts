// SPDX-License-Identifier: Apache-2.0
// Every key of daemon.json and every flag of dockerd, and what becomes of it without Docker.
// Sources, as of 2026-11: `dockerd --help` of 20.10.24, 26.1.5 and 28.5.2, which of them refuse which key (run with each key
// in a file), and moby daemon/config and cmd/dockerd of 17.12 to 29.7. Where a key goes: containerd docs/cri/config.md and
// `containerd config default` of 1.6, 1.7 and 2.1, CRI-O docs/crio.conf.5.md and pkg/config, KubeletConfiguration v1beta1.
// With cri-dockerd dockerd stays, and every key goes on working.

/**
 * `translated`: the new runtime has a setting for it; `kubelet`: the kubelet or the pods say it now; `none`: nothing does it;
 * `not-needed`: it concerns what ends with Docker.
 */
export type Verdict = 'translated' | 'kubelet' | 'none' | 'not-needed'

export interface DaemonKey {
  readonly key: string
  /** name of the flag where it is spelled differently; null: there is none */
  readonly flag?: string | null
  readonly kind: 'text' | 'number' | 'switch' | 'list' | 'map'
  /** values that say nothing new; for a switch false unless told */
  readonly defaults?: readonly (string | number | boolean)[]
  /** first Docker Engine that does not start with it */
  readonly removed?: string
  /** id of the check that tells of it, or `TOPIC/*` for checks of another topic; undefined: it has no meaning without Docker */
  readonly check?: string
  readonly containerd: Verdict
  readonly criO: Verdict
}

type More = Partial<Pick<DaemonKey, 'flag' | 'defaults' | 'removed'>>

const row = (key: string, kind: DaemonKey['kind'], check: string | undefined, containerd: Verdict, criO: Verdict, more: More = {}): DaemonKey => ({
  key, kind, containerd, criO, ...(check !== undefined && {check}), ...more,
})

const bridge = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, 'daemon-json-bridge-network', 'not-needed', 'not-needed', more)
const firewall = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, 'daemon-json-firewall', 'not-needed', 'not-needed', more)
const dns = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, 'daemon-json-dns', 'kubelet', 'kubelet', more)
const remote = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, 'daemon-json-remote-api', 'none', 'none', more)
const swarm = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, 'daemon-json-cluster-options', 'none', 'none', more)
const own = (key: string, kind: DaemonKey['kind'], more: More = {}) => row(key, kind, undefined, 'not-needed', 'not-needed', more)

export const DAEMON_KEYS: readonly DaemonKey[] = [
  // registries and pulls
  row('registry-mirrors', 'list', 'daemon-json-registry-mirrors', 'translated', 'translated', {flag: 'registry-mirror'}),
  row('insecure-registries', 'list', 'daemon-json-insecure-registries', 'translated', 'translated', {flag: 'insecure-registry'}),
  row('allow-nondistributable-artifacts', 'list', 'daemon-json-transfers', 'none', 'none'),
  row('max-concurrent-downloads', 'number', 'daemon-json-transfers', 'translated', 'kubelet', {defaults: [0, 3]}),
  row('max-concurrent-uploads', 'number', 'daemon-json-transfers', 'none', 'none', {defaults: [0, 5]}),
  row('max-download-attempts', 'number', 'daemon-json-transfers', 'none', 'none', {defaults: [0, 5]}),
  row('proxies', 'map', 'docker-proxy', 'translated', 'translated', {flag: null}),
  row('http-proxy', 'text', 'docker-proxy', 'translated', 'translated'),
  row('https-proxy', 'text', 'docker-proxy', 'translated', 'translated'),
  row('no-proxy', 'text', 'docker-proxy', 'translated', 'translated'),

  // storage
  row('data-root', 'text', 'docker-data-root', 'translated', 'translated', {defaults: ['/var/lib/docker']}),
  row('graph', 'text', 'docker-data-root', 'translated', 'translated', {defaults: ['/var/lib/docker'], removed: '23.0'}),
  row('exec-root', 'text', 'daemon-json-exec-root', 'translated', 'translated', {defaults: ['/var/run/docker', '/run/docker']}),
  row('storage-driver', 'text', 'docker-storage-driver', 'translated', 'translated', {defaults: ['overlay2', 'overlay', 'overlayfs']}),
  row('storage-opts', 'list', 'daemon-json-storage-opts', 'none', 'translated', {flag: 'storage-opt'}),
  row('features', 'map', 'docker-containerd-image-store', 'not-needed', 'not-needed', {flag: 'feature'}),

  // containers
  row('default-runtime', 'text', 'daemon-json-default-runtime', 'translated', 'translated', {defaults: ['runc', 'io.containerd.runc.v2']}),
  row('runtimes', 'map', 'daemon-json-runtimes', 'translated', 'translated', {flag: 'add-runtime'}),
  row('default-ulimits', 'map', 'daemon-json-default-ulimits', 'translated', 'translated', {flag: 'default-ulimit'}),
  // dockershim and cri-dockerd say these for every container of a pod themselves (kubernetes 1.20, pkg/kubelet/dockershim)
  row('default-shm-size', 'text', undefined, 'not-needed', 'not-needed'),
  row('default-ipc-mode', 'text', undefined, 'not-needed', 'not-needed'),
  row('cgroup-parent', 'text', undefined, 'not-needed', 'not-needed'),
  row('init', 'switch', 'daemon-json-init', 'none', 'none'),
  row('init-path', 'text', 'daemon-json-init', 'none', 'none'),
  row('no-new-privileges', 'switch', 'daemon-json-no-new-privileges', 'kubelet', 'kubelet'),
  row('seccomp-profile', 'text', 'daemon-json-seccomp-profile', 'kubelet', 'translated', {defaults: ['builtin']}),
  row('selinux-enabled', 'switch', 'daemon-json-selinux-enabled', 'translated', 'translated'),
  row('userns-remap', 'text', 'daemon-json-userns-remap', 'kubelet', 'kubelet'),
  row('cpu-rt-period', 'number', 'daemon-json-cpu-rt', 'none', 'none', {defaults: [0]}),
  row('cpu-rt-runtime', 'number', 'daemon-json-cpu-rt', 'none', 'none', {defaults: [0]}),
  row('cdi-spec-dirs', 'list', 'daemon-json-cdi-spec-dirs', 'translated', 'translated', {flag: 'cdi-spec-dir'}),
  row('default-cgroupns-mode', 'text', 'daemon-json-default-cgroupns-mode', 'none', 'none', {defaults: ['private']}),
  row('exec-opts', 'list', 'kubelet/*', 'translated', 'translated', {flag: 'exec-opt'}),
  row('live-restore', 'switch', 'daemon-json-live-restore', 'not-needed', 'not-needed'),
  row('shutdown-timeout', 'number', 'daemon-json-stop-timeouts', 'kubelet', 'kubelet', {defaults: [0, 15]}),
  row('default-stop-timeout', 'number', 'daemon-json-stop-timeouts', 'kubelet', 'kubelet', {defaults: [10]}),
  row('authorization-plugins', 'list', 'daemon-json-authorization-plugins', 'none', 'none', {flag: 'authorization-plugin'}),

  // logs of containers: told by the checks of logging
  row('log-driver', 'text', 'logging/*', 'kubelet', 'kubelet'),
  row('log-opts', 'map', 'logging/*', 'kubelet', 'kubelet', {flag: 'log-opt'}),

  // network
  bridge('bridge', 'text'), bridge('bip', 'text'), bridge('bip6', 'text'), bridge('fixed-cidr', 'text'), bridge('fixed-cidr-v6', 'text'),
  bridge('default-gateway', 'text'), bridge('default-gateway-v6', 'text'), bridge('default-address-pools', 'list', {flag: 'default-address-pool'}),
  bridge('default-network-opts', 'map', {flag: 'default-network-opt'}), bridge('icc', 'switch', {defaults: [true]}),
  bridge('ip', 'text', {defaults: ['0.0.0.0']}), bridge('ipv6', 'switch'), bridge('mtu', 'number', {defaults: [0, 1500]}),
  bridge('allow-direct-routing', 'switch'), bridge('bridge-accept-fwmark', 'text'),
  bridge('network-control-plane-mtu', 'number', {defaults: [0, 1500]}),
  firewall('iptables', 'switch', {defaults: [true]}), firewall('ip6tables', 'switch', {defaults: []}),
  firewall('ip-forward', 'switch', {defaults: [true]}), firewall('ip-forward-no-drop', 'switch'), firewall('ip-masq', 'switch', {defaults: [true]}),
  firewall('userland-proxy', 'switch', {defaults: [true]}), firewall('userland-proxy-path', 'text'), firewall('firewall-backend', 'text'),
  dns('dns', 'list'), dns('dns-opts', 'list', {flag: 'dns-opt'}), dns('dns-search', 'list'),
  dns('host-gateway-ip', 'text', {flag: null}), dns('host-gateway-ips', 'list', {flag: 'host-gateway-ip'}),

  // the API of dockerd
  remote('hosts', 'list', {flag: 'host'}), remote('tls', 'switch'), remote('tlsverify', 'switch'), remote('tlscacert', 'text'), remote('tlscert', 'text'),
  remote('tlskey', 'text'), remote('api-cors-header', 'text', {removed: '28.0'}),
  row('group', 'text', 'docker-group-members', 'none', 'none', {defaults: ['docker']}),
  row('metrics-addr', 'text', 'daemon-json-metrics-addr', 'translated', 'translated'),

  // the daemon itself
  row('debug', 'switch', 'daemon-json-daemon-log', 'translated', 'translated'),
  row('log-level', 'text', 'daemon-json-daemon-log', 'translated', 'translated', {defaults: ['info']}),
  row('log-format', 'text', 'daemon-json-daemon-log', 'translated', 'none', {defaults: ['text']}),
  own('raw-logs', 'switch'),
  row('oom-score-adjust', 'number', 'daemon-json-oom-score-adjust', 'translated', 'translated', {defaults: [-500, 0], removed: '26.0'}),
  row('labels', 'list', 'daemon-json-cluster-options', 'none', 'none', {flag: 'label'}),
  row('node-generic-resources', 'list', 'daemon-json-cluster-options', 'none', 'none', {flag: 'node-generic-resource'}),
  swarm('swarm-default-advertise-addr', 'text'), swarm('cluster-store', 'text', {removed: '23.0'}), swarm('cluster-advertise', 'text', {removed: '23.0'}),
  swarm('cluster-store-opts', 'map', {flag: 'cluster-store-opt', removed: '23.0'}),
  own('builder', 'map', {flag: null}), own('containerd', 'text'), own('containerd-namespace', 'text'), own('containerd-plugins-namespace', 'text'),
  own('cri-containerd', 'switch'), own('experimental', 'switch'), own('pidfile', 'text'), own('rootless', 'switch'), own('network-diagnostic-port', 'number'),
  own('nri-opts', 'map'), own('min-api-version', 'text', {flag: null}), own('deprecated-key-path', 'text'), own('validate', 'switch'),
  own('disable-legacy-registry', 'switch', {removed: '19.03'}),
  own('config-file', 'text'), own('restart', 'switch', {defaults: [true]}), own('help', 'switch'), own('version', 'switch'),
]

/** What releases of Docker, cri-dockerd and containerd brought or took that settings of Docker depend on: the first version. */
export const ENGINE_FACTS = {
  /** dockerd: serves API 1.44 and later only */
  'docker-api-1.44': {version: '29.0', source: 'moby daemon/config/config.go of 29.0.0', asOf: '2026-11'},
  /** cri-dockerd: its client speaks API 1.44 */
  'cri-dockerd-api-1.44': {version: '0.3.16', source: 'cri-dockerd go.mod of its releases', asOf: '2026-04'},
  /** containerd: reads certs.d */
  'containerd-certs.d': {version: '1.5', source: 'containerd docs/hosts.md', asOf: '2026-08'},
  /** containerd: the transfer service pulls for the CRI, with a limit of its own */
  'containerd-transfer-service': {version: '2.1', source: 'containerd 2.1.9 `config default`, docs/cri/config.md', asOf: '2026-11'},
} as const

/** Storage drivers by the first Docker Engine without them. Source: moby daemon/graphdriver of 20.10 to 29.7, as of 2026-11. */
export const REMOVED_DRIVERS: Readonly<Record<string, string>> = {aufs: '24.0', overlay: '24.0', devicemapper: '25.0'}
