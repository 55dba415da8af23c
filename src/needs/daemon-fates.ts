// SPDX-License-Identifier: Apache-2.0
// What becomes of each key of daemon.json and each flag of dockerd, in a sentence, without Docker. Where a key goes at all is told by
// tables/daemon-keys.ts; here it is told by what NodeNeeds has a place for: what nobody writes down for the operator is `none`.
import {DRIVERS} from '../checks/docker/docker-storage-driver.ts'
import {stringsOf, membersOf, type Use} from '../checks/lib/docker-settings.ts'
import {isRange, withoutScheme} from '../checks/lib/docker-topics-registry.ts'
import {LOG_DRIVERS} from '../checks/tables/log-drivers.ts'
import type {SettingFate} from '../model/migration/needs.ts'

export interface Fates {
  readonly containerd: SettingFate
  readonly 'cri-o': SettingFate
}

type Fate = SettingFate['fate']

const both = (fate: Fate, reason: string): Fates => ({containerd: {fate, reason}, 'cri-o': {fate, reason}})
const each = (fate: Fate, containerd: string, criO: string): Fates => ({containerd: {fate, reason: containerd}, 'cri-o': {fate, reason: criO}})

const PROXY = each(
  'translated', 'It becomes Environment= in a drop-in of containerd.service.', 'It becomes Environment= in a drop-in of crio.service.',
)
const DATA_ROOT = each(
  'translated', 'Where it is on a disk of its own, root in config.toml is a folder on that disk; else containerd keeps its own place.',
  'Where it is on a disk of its own, root in a drop-in of CRI-O is a folder on that disk; else CRI-O keeps its own place.',
)
const INIT = both(
  'none',
  'No other runtime puts an init process into containers: put one such as tini into the images, or set shareProcessNamespace in the pods.',
)
const LABELS = both('none', 'Kubernetes does not see labels and resources of dockerd: label the Node, and advertise devices with a device plugin.')
const SWARM = both('none', 'Clusters of Docker end with it: move what runs there, and have `docker swarm leave` done before.')
const REALTIME = both('none', 'Nothing gives containers real-time CPU time: run the program as a service of the host.')
const BRIDGE = both('not-needed', 'It configures networks of Docker, which end with it: pods have theirs from CNI.')
const FIREWALL = both('not-needed', 'It is about packet filters of Docker: no other runtime touches them.')
const DNS = both('kubelet', 'Pods have their resolv.conf from the kubelet (resolvConf, dnsPolicy); this was for containers outside Kubernetes.')
const STOP = both(
  'kubelet',
  'Pods say it themselves (terminationGracePeriodSeconds), at shutdown of the host the kubelet does (shutdownGracePeriod).',
)
const POD_OWN = both('not-needed', 'The kubelet says it for every container of a pod itself, so that no pod had it from dockerd.')
const TLS = both(
  'none',
  'It is for an API over the network, which no other runtime has: move its clients to the Kubernetes API, or to a BuildKit daemon.',
)
const DAEMON = both('not-needed', 'It is about dockerd itself, and ends with it.')
/** The same for what docker.service says. */
export const OOM_SCORE: Fates = {
  containerd: {fate: 'translated', reason: 'It becomes oom_score in config.toml.'},
  'cri-o': {fate: 'none', reason: 'CRI-O has what its unit says: set OOMScoreAdjust= in a drop-in of crio.service where that is not wanted.'},
}
const LOG_LEVEL = each('translated', 'It becomes level below [debug] in config.toml.', 'It becomes log_level below [crio.runtime] in a drop-in.')
const STORAGE_DRIVER = (use: Use): Fates => {
  const name = stringsOf(use.value).at(-1) ?? ''
  const driver = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined
  if (driver !== undefined) return both('none', `${capital(driver.text)}: see that overlay works there, or configure it by hand.`)
  return name.startsWith('overlay')
    ? each(
      'translated', 'The snapshotter overlayfs does the same, and is the default.',
      'The storage driver overlay does the same, and is the default.',
    )
    : both('none', 'No other runtime has a storage driver of that name: it uses overlay; configure another one by hand where that does not work.')
}

/** By key of daemon.json; a function where it depends on the value. */
const FATES: Readonly<Record<string, Fates | ((use: Use) => Fates)>> = {
  'registry-mirrors': each(
    'translated', 'Each mirror becomes a host in certs.d/docker.io/hosts.toml.',
    'Each mirror becomes a [[registry.mirror]] of docker.io in registries.conf.d.',
  ),
  'insecure-registries': insecureFates,
  'allow-nondistributable-artifacts': both('none', 'It is for pushes, and a node pushes nothing: set it where images are pushed from.'),
  'max-concurrent-downloads': {
    containerd: {fate: 'translated', reason: 'It becomes max_concurrent_downloads in config.toml.'},
    'cri-o': {fate: 'none', reason: 'CRI-O has no limit of layers: set maxParallelImagePulls of the kubelet, which limits images.'},
  },
  'max-concurrent-uploads': both('none', 'It is for pushes, and a node pushes nothing: set it where images are pushed from.'),
  'max-download-attempts': both('none', 'The kubelet tries again by itself, with growing pauses: nothing has to be done.'),
  proxies: PROXY, 'http-proxy': PROXY, 'https-proxy': PROXY, 'no-proxy': PROXY,

  'data-root': DATA_ROOT, graph: DATA_ROOT,
  'exec-root': each(
    'none', 'containerd keeps its run-time state below /run: set state in config.toml where that is too small.',
    'CRI-O keeps its run-time state below /run: set runroot in a drop-in where that is too small.',
  ),
  'storage-driver': STORAGE_DRIVER,
  'storage-opts': each(
    'none', 'The overlayfs snapshotter has no such options, and no quota per container: set limits for ephemeral-storage in the pods.',
    'Nothing is written for it: set what is needed below [storage.options] in /etc/containers/storage.conf, and limits for ephemeral-storage in the pods.',
  ),
  features: both('not-needed', 'It switches features of dockerd; images are moved to the store of the new runtime in any case.'),

  'default-runtime': each('translated', 'It becomes default_runtime_name in config.toml.', 'It becomes default_runtime in a drop-in of CRI-O.'),
  runtimes: each(
    'translated', 'Each becomes a handler in config.toml, for pods with a RuntimeClass.',
    'Each becomes a handler in a drop-in of CRI-O, for pods with a RuntimeClass.',
  ),
  'default-ulimits': each(
    'translated', 'They become rlimits of the base_runtime_spec of the handlers in config.toml.',
    'They become default_ulimits in a drop-in of CRI-O.',
  ),
  'default-shm-size': POD_OWN, 'default-ipc-mode': POD_OWN, 'cgroup-parent': POD_OWN,
  init: INIT, 'init-path': INIT,
  'no-new-privileges': both(
    'none',
    'No other runtime forbids it for all: set allowPrivilegeEscalation: false in the pods, and demand it with Pod Security Admission.',
  ),
  'seccomp-profile': {
    containerd: {fate: 'none', reason: 'containerd has no profile for all pods: put the file into /var/lib/kubelet/seccomp, and name it in the pods (seccompProfile).'},
    'cri-o': {fate: 'translated', reason: 'It becomes seccomp_profile below [crio.runtime] in a drop-in.'},
  },
  'selinux-enabled': each('translated', 'It becomes enable_selinux in config.toml.', 'It becomes selinux below [crio.runtime] in a drop-in.'),
  'userns-remap': both(
    'none',
    'No CRI runtime maps the users of all containers: use hostUsers: false in the pods, and chown what lies on node volumes.',
  ),
  'cpu-rt-period': REALTIME, 'cpu-rt-runtime': REALTIME,
  'cdi-spec-dirs': each('translated', 'It becomes cdi_spec_dirs in config.toml.', 'It becomes cdi_spec_dirs below [crio.runtime] in a drop-in.'),
  'default-cgroupns-mode': both(
    'none',
    'On cgroup v2 other runtimes give each container a cgroup namespace of its own: mount /sys/fs/cgroup of the host into agents that need it.',
  ),
  'exec-opts': execFates,
  'live-restore': both('not-needed', 'Containers of the new runtime go on running when it is restarted, without a setting.'),
  'shutdown-timeout': STOP, 'default-stop-timeout': STOP,
  'authorization-plugins': both(
    'none',
    'The CRI asks no plugin: bring the policy into admission (Pod Security Admission, ValidatingAdmissionPolicy).',
  ),

  'log-driver': logDriverFates, 'log-opts': logOptionFates,

  bridge: BRIDGE, bip: BRIDGE, bip6: BRIDGE, 'fixed-cidr': BRIDGE, 'fixed-cidr-v6': BRIDGE, 'default-gateway': BRIDGE, 'default-gateway-v6': BRIDGE,
  'default-address-pools': BRIDGE, 'default-network-opts': BRIDGE, icc: BRIDGE, ip: BRIDGE, ipv6: BRIDGE, mtu: BRIDGE, 'allow-direct-routing': BRIDGE,
  'bridge-accept-fwmark': BRIDGE, 'network-control-plane-mtu': BRIDGE,
  iptables: FIREWALL, ip6tables: FIREWALL, 'ip-forward-no-drop': FIREWALL, 'ip-masq': FIREWALL, 'userland-proxy': FIREWALL, 'userland-proxy-path': FIREWALL,
  'firewall-backend': FIREWALL,
  'ip-forward': both('host', 'net.ipv4.ip_forward is written to sysctl.d where it is on now and no file says so.'),
  dns: DNS, 'dns-opts': DNS, 'dns-search': DNS,
  'host-gateway-ip': both('kubelet', 'Pods have names of the host from hostAliases in their spec.'), 'host-gateway-ips': both(
    'kubelet',
    'Pods have names of the host from hostAliases in their spec.',
  ),

  hosts: hostFates, tls: TLS, tlsverify: TLS, tlscacert: TLS, tlscert: TLS, tlskey: TLS, 'api-cors-header': TLS,
  group: both('none', 'Nobody but root may use the socket of a CRI runtime: give the members of that group access through the Kubernetes API.'),
  'metrics-addr': each(
    'translated', 'It becomes address below [metrics] in config.toml; the names of the metrics are others.',
    'It becomes metrics_port below [crio.metrics] in a drop-in; the names of the metrics are others.',
  ),

  debug: LOG_LEVEL, 'log-level': LOG_LEVEL,
  'log-format': {
    containerd: {fate: 'translated', reason: 'It becomes format below [debug] in config.toml.'},
    'cri-o': {fate: 'none', reason: 'CRI-O has no such key: add --log-format to its command line in a drop-in of crio.service.'},
  },
  'oom-score-adjust': OOM_SCORE,
  labels: LABELS, 'node-generic-resources': LABELS,
  'swarm-default-advertise-addr': SWARM, 'cluster-store': SWARM, 'cluster-advertise': SWARM, 'cluster-store-opts': SWARM,
}

/** Keys that are about dockerd alone. */
const OWN: ReadonlySet<string> = new Set([
  'raw-logs', 'builder', 'containerd', 'containerd-namespace', 'containerd-plugins-namespace', 'cri-containerd', 'experimental', 'pidfile', 'rootless',
  'network-diagnostic-port', 'nri-opts', 'min-api-version', 'deprecated-key-path', 'validate', 'disable-legacy-registry', 'config-file', 'restart', 'help', 'version',
])

/** What a new runtime does with a setting of dockerd; undefined for a key that nobody knows. */
export function daemonFates(use: Use): Fates | undefined {
  if (OWN.has(use.key)) return DAEMON
  const found = Object.hasOwn(FATES, use.key) ? FATES[use.key] : undefined
  return typeof found === 'function' ? found(use) : found
}

function insecureFates({value}: Use): Fates {
  const ranges = stringsOf(value).map(withoutScheme).filter((entry) => isRange(entry) && !/^127\.|^::1\//.test(entry))
  const which = `${ranges.slice(0, 5).join(', ')} ${ranges.length === 1 ? 'is a range, which has' : 'are ranges, which have'}`
  const lost = ranges.length === 0 ? '' : ` ${which} no equivalent: name the registries in it.`
  return each(
    'translated', `Each registry gets a hosts.toml below certs.d, for any certificate and for plain HTTP.${lost}`,
    `Each registry gets insecure = true in registries.conf.d.${lost}`,
  )
}

function execFates({value}: Use): Fates {
  const other = stringsOf(value).filter((option) => !option.startsWith('native.cgroupdriver='))
  if (other.length > 0) return both('none', `No other runtime has ${other.slice(0, 3).join(', ')}: see what it is for, and configure that by hand.`)
  return each(
    'translated', 'The cgroup driver becomes SystemdCgroup of every handler in config.toml.', 'The cgroup driver becomes cgroup_manager below [crio.runtime] in a drop-in.',
  )
}

function logDriverFates({value}: Use): Fates {
  const name = stringsOf(value).at(-1) ?? ''
  if (name === 'json-file') return both('kubelet', 'Logs are files below /var/log/pods, which the kubelet rotates.')
  const to = LOG_DRIVERS.find(({driver}) => driver.test(name))?.to ?? 'elsewhere'
  return both('none', `Docker writes logs to ${to}; others write files below /var/log/pods only: run a collector as a DaemonSet that reads /var/log/containers.`)
}

const ROTATION = new Set(['max-size', 'max-file', 'compress'])

function logOptionFates({value}: Use): Fates {
  const names = membersOf(value).map(([name]) => name)
  const lost = names.filter((name) => !ROTATION.has(name))
  const rest = lost.length === 0 ? '' : `${lost.slice(0, 8).join(', ')} ${lost.length === 1 ? 'has' : 'have'} no equivalent: let the collector do it.`
  if (names.length > 0 && lost.length === names.length) return both('none', capital(rest))
  return both('kubelet', `max-size and max-file become containerLogMaxSize and containerLogMaxFiles of the kubelet.${rest === '' ? '' : ` ${capital(rest)}`}`)
}

function hostFates({value}: Use): Fates {
  const remote = stringsOf(value).filter((address) => !/^(?:unix|fd|npipe):/.test(address))
  return remote.length === 0 ? both('not-needed', 'The sockets of the API of Docker end with it.') : TLS
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
