// SPDX-License-Identifier: Apache-2.0
// Settings of containerd that are gone or going, for where they are found in a configuration file.
import type {Severity} from '../../model/check.ts'

export interface RemovedSetting {
  /** name of the finding; stays the same */
  readonly key: string
  /** below the table of a plugin; `*` stands for any one key */
  readonly path: readonly string[]
  /** ids of the plugins that have it, as files of any version name them */
  readonly plugins: readonly string[]
  /** first containerd that does not know it */
  readonly version: string
  /** it does nothing when it is set to one of these */
  readonly idle?: readonly (string | boolean)[]
  /** what becomes of a node that has it */
  readonly effect: string
  readonly instead: string
  /** where it is written, and when that was read: `YYYY-MM` */
  readonly source: string
  readonly asOf: string
  /** the release is still to come, and the removal was put off before */
  readonly announced?: true
  /** where it is not that of the check */
  readonly severity?: Severity
}

const CRI = ['io.containerd.grpc.v1.cri', 'cri']
const CRI_RUNTIME = [...CRI, 'io.containerd.cri.v1.runtime']
const CRI_IMAGES = [...CRI, 'io.containerd.cri.v1.images']
const IN_2_0 = {plugins: CRI, version: '2.0', source: 'containerd RELEASES.md; containerd 2.1.9 warns "Ignoring unknown key"', asOf: '2026-11'} as const
const IN_2_4 = {version: '2.4', source: 'containerd RELEASES.md', asOf: '2026-08', announced: true} as const
const TRACING = {...IN_2_4, severity: 'medium', effect: 'no traces are sent', instead: 'Set the environment variables of OpenTelemetry (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME …) in containerd.service.'} as const
const REGISTRY = {...IN_2_4, plugins: CRI_IMAGES} as const
const CERTS_D = 'Write a hosts.toml for each registry to /etc/containerd/certs.d/<registry>/, and `config_path = "/etc/containerd/certs.d"` in the registry table.'
const CERTS_D_TLS =
  'Write `ca`, `client` or `skip_verify` of the host into /etc/containerd/certs.d/<registry>/hosts.toml, and `config_path = "/etc/containerd/certs.d"` ' +
  'in the registry table.'

export const REMOVED_SETTINGS: readonly RemovedSetting[] = [
  {key: 'systemd_cgroup', path: ['systemd_cgroup'], ...IN_2_0, idle: [false], effect: 'the cgroup driver becomes cgroupfs', instead: 'Write `SystemdCgroup = true` in the options of every handler of type runc.'},
  {key: 'untrusted_workload_runtime', path: ['containerd', 'untrusted_workload_runtime'], ...IN_2_0, effect: 'pods with the handler untrusted do not start', instead: 'Write it as `runtimes.untrusted`.'},
  {key: 'default_runtime', path: ['containerd', 'default_runtime'], ...IN_2_0, effect: 'pods run with runc and its defaults', instead: 'Write it as an entry of `runtimes`, and its name as `default_runtime_name`.'},
  {key: 'runtime_engine', path: ['containerd', 'runtimes', '*', 'runtime_engine'], ...IN_2_0, idle: [''], effect: 'the handler runs runc, not the program that is named', instead: 'Write `runtime_type = "io.containerd.runc.v2"` and `BinaryName` in its options.'},
  {key: 'runtime_root', path: ['containerd', 'runtimes', '*', 'runtime_root'], ...IN_2_0, idle: [''], effect: 'the OCI runtime keeps its state in another folder', instead: 'Write `Root` in the options of the handler.'},
  {key: 'criu_path', severity: 'low', path: ['containerd', 'runtimes', '*', 'options', 'CriuPath'], ...IN_2_0, idle: [''], effect: 'criu is searched in PATH', instead: 'Put criu into the PATH of containerd.'},
  {key: 'disable_cgroup', path: ['disable_cgroup'], ...IN_2_0, idle: [false], effect: 'pods get cgroups, and do not start where containerd may not write to them', instead: 'Let systemd delegate cgroup v2 to containerd (`Delegate=yes` in its unit).'},
  {key: 'no_pivot', path: ['containerd', 'no_pivot'], ...IN_2_0, idle: [false], effect: 'containers do not start on a host whose root is a ramdisk ("pivot_root: invalid argument")', instead: 'Write `NoPivotRoot = true` in the options of every handler of type runc.'},
  {key: 'linux-runtime', path: ['runtime'], ...IN_2_0, plugins: ['io.containerd.runtime.v1.linux', 'linux'], idle: ['', 'runc'], severity: 'medium', effect: 'this plugin is gone, and pods of its type start no more; those of other types never looked at it', instead: 'Write the program as `BinaryName` in the options of a handler of type io.containerd.runc.v2.'},
  {key: 'registry-tls', path: ['registry', 'configs', '*', 'tls'], ...IN_2_0, effect: 'pulls from registries with a certificate of their own end with "x509: certificate signed by unknown authority"', instead: CERTS_D_TLS},
  {key: 'mirrors', path: ['registry', 'mirrors'], ...REGISTRY, effect: 'images are pulled from the registries themselves, not from their mirrors', instead: CERTS_D},
  {key: 'configs', path: ['registry', 'configs', '*', 'auth'], ...REGISTRY, effect: 'credentials of registries are gone', instead: 'Use imagePullSecrets or a credential provider of the kubelet.'},
  {key: 'auths', path: ['registry', 'auths'], ...REGISTRY, effect: 'credentials of registries are gone', instead: 'Use imagePullSecrets or a credential provider of the kubelet.'},
  {key: 'bin_dir', path: ['cni', 'bin_dir'], ...IN_2_4, plugins: CRI_RUNTIME, effect: 'CNI plugins are searched in /opt/cni/bin only', instead: 'Write `bin_dirs = ["…"]` as soon as every containerd that reads the file is 2.1 or later.'},
  {key: 'enable_cdi', path: ['enable_cdi'], ...IN_2_4, plugins: CRI_RUNTIME, idle: [true], severity: 'low', effect: 'pods get CDI devices although that is switched off', instead: 'Remove it. What may ask for a device is said by device plugins and by admission policies.'},
  {key: 'otlp', path: ['endpoint'], plugins: ['io.containerd.tracing.processor.v1.otlp'], idle: [''], ...TRACING},
  {key: 'tracing-service', path: ['service_name'], plugins: ['io.containerd.internal.v1.tracing'], idle: ['', 'containerd'], ...TRACING},
]

/**
 * Plugins by the first containerd that has not got them under this name, and those that only later ones have. A required plugin that is not
 * there keeps containerd from starting; one that has another name now is not disabled any more. Source: `ctr plugins ls` of 1.6.20, 1.7.24
 * and 2.1.9, and their starts with each in required_plugins, as of 2026-11.
 */
export const MOVED_PLUGINS: readonly {readonly id: string; readonly gone?: string; readonly since?: string; readonly now?: string}[] = [
  {id: 'io.containerd.runtime.v1.linux', gone: '2.0'},
  {id: 'io.containerd.snapshotter.v1.aufs', gone: '2.0'},
  {id: 'io.containerd.runtime.v2.shim', gone: '2.0', now: 'io.containerd.shim.v1.manager'},
  {id: 'io.containerd.sandbox.controller.v1.local', gone: '2.0', now: 'io.containerd.podsandbox.controller.v1.podsandbox'},
  {id: 'io.containerd.internal.v1.restart', gone: '2.0', now: 'io.containerd.monitor.container.v1.restart'},
  {id: 'io.containerd.monitor.v1.cgroups', gone: '2.0', now: 'io.containerd.monitor.task.v1.cgroups'},
  {id: 'io.containerd.cri.v1.runtime', since: '2.0'},
  {id: 'io.containerd.cri.v1.images', since: '2.0'},
  {id: 'io.containerd.monitor.container.v1.restart', since: '2.0'},
  {id: 'io.containerd.monitor.task.v1.cgroups', since: '2.0'},
]

/**
 * The snapshotters that containerd is built with on Linux; others come as a program of their own, in `proxy_plugins`. Source:
 * cmd/containerd/builtins of its tags v1.6.20, v1.7.24, v2.1.4 and main, as of 2026-11.
 */
export const SNAPSHOTTERS: readonly {readonly name: string; readonly since?: string; readonly gone?: string}[] = [
  {name: 'overlayfs'}, {name: 'native'}, {name: 'btrfs'}, {name: 'devmapper'}, {name: 'zfs'},
  {name: 'aufs', gone: '2.0'}, {name: 'blockfile', since: '1.7'}, {name: 'erofs', since: '2.1'},
]

/** Types of runtime shims that containerd 2.0 has not; the second is what a `runtime_type` says. */
export const REMOVED_RUNTIMES: readonly string[] = ['io.containerd.runtime.v1.linux', 'io.containerd.runc.v1']

/**
 * The sandbox image of a containerd that is told none, from that version on (its docs/cri/config.md and pkg/cri/config of each branch;
 * 1.6, 1.7 and 2.1 seen by `config default`).
 */
export const DEFAULT_SANDBOX_IMAGES: readonly {readonly since: string; readonly image: string}[] = [
  {since: '1.5', image: 'registry.k8s.io/pause:3.5'},
  {since: '1.6', image: 'registry.k8s.io/pause:3.6'},
  {since: '1.7', image: 'registry.k8s.io/pause:3.8'},
  {since: '2.0', image: 'registry.k8s.io/pause:3.10'},
  {since: '2.2', image: 'registry.k8s.io/pause:3.10.1'},
  {since: '2.3', image: 'registry.k8s.io/pause:3.10.2'},
]
