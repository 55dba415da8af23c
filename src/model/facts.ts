// SPDX-License-Identifier: Apache-2.0
import type {Observed} from './observed.ts'

/** Everything the probes learnt of one host. Plain JSON-able data; nothing here is judged yet. */
export interface Facts {
  readonly machine: MachineFacts
  readonly processes: ProcessFacts
  readonly sockets: SocketFacts
  readonly kubelets: readonly KubeletFacts[]
  readonly dockers: readonly DockerFacts[]
  readonly containerds: readonly ContainerdFacts[]
  readonly crios: readonly CrioFacts[]
  readonly criEndpoints: readonly CriEndpointFacts[]
  readonly conmons: readonly ConmonFacts[]
  readonly units: readonly UnitFacts[]
  /**
   * Versions that programs of the host told themselves because no daemon did: by `pid N` for a running daemon, by name
   * for an OCI runtime
   */
  readonly programs: Readonly<Record<string, Observed<string>>>
  readonly crictl: Observed<CrictlConfig>
  readonly cni: CniFacts
}

// ---------------------------------------------------------------- machine

export interface MachineFacts {
  readonly hostname: Observed<string>
  /** PRETTY_NAME of os-release */
  readonly os: Observed<string>
  readonly kernel: Observed<string>
  readonly architecture: Observed<string>
  readonly cgroup: Observed<CgroupMode>
  /** comm of pid 1 */
  readonly init: Observed<string>
  /** inode of the pid namespace that the procfs shows; the kernel's first one is 4026531836 */
  readonly pidNamespace: Observed<number>
  readonly reader: Observed<Reader>
}

/** `hybrid`: v1 hierarchies with an extra v2 one that has no controllers (systemd's hybrid mode). */
export type CgroupMode = 'v1' | 'v2' | 'hybrid'

/** Who looked, from where. */
export interface Reader {
  readonly uid: number
  readonly pid: number
  /** `process.platform`: without procfs (darwin, win32) little can be known */
  readonly platform: string
  /** ISO 8601, UTC */
  readonly time: string
}

// ---------------------------------------------------------------- processes

export interface ProcessFacts {
  /** every process but kernel threads and zombies, by pid; a process that vanished while it was read is left out */
  readonly all: Observed<readonly Process[]>
  /** there are more that the system hides from this user (procfs mounted with hidepid); absent: none are known to be */
  readonly hidden?: Observed<never>
  /** of components and of containers' first processes only, by pid */
  readonly details: Readonly<Record<number, ProcessDetail>>
  /**
   * Components that run in a machine inside the machine (its own pid namespace), by pid: the pid of that machine's
   * first process. Those of the host itself are left out.
   */
  readonly inside: Readonly<Record<number, number>>
}

export interface Process {
  readonly pid: number
  readonly ppid: number
  /** clock ticks since boot (field 22 of /proc/PID/stat): pid and start time together name a process */
  readonly startTicks: number
  readonly comm: string
  /** empty for a process that is about to end, or where it could not be read */
  readonly argv: readonly string[]
}

/** What is missing was not asked for: limits and sockets are read of daemons only. */
export interface ProcessDetail {
  /** real uid */
  readonly uid: Observed<number>
  readonly exe?: Observed<string>
  readonly cwd?: Observed<string>
  readonly cgroups: Observed<readonly CgroupMembership[]>
  /** inode numbers of the namespaces */
  readonly namespaces?: Observed<{readonly pid: number; readonly net: number; readonly mnt: number}>
  /** its pid in each nested pid namespace, outermost first (NSpid of /proc/PID/status) */
  readonly nsPids: Observed<readonly number[]>
  /** soft limits of a daemon; `unlimited` is null */
  readonly limits?: Observed<{readonly openFiles: number | null; readonly coreSize: number | null}>
  /** inodes of the sockets it holds open */
  readonly socketInodes?: Observed<readonly number[]>
}

export interface CgroupMembership {
  /** 0 for cgroup v2 */
  readonly hierarchy: number
  /** controllers of a v1 hierarchy (`name=systemd` is one); empty for v2 */
  readonly controllers: readonly string[]
  readonly path: string
}

// ---------------------------------------------------------------- sockets

export interface SocketFacts {
  /** one table per network namespace that a component lives in: `/proc/net/unix` shows only its reader's own */
  readonly tables: readonly SocketTable[]
  /** connected pairs, from sock_diag (`ss`); `unsupported` where there is no `ss` */
  readonly peers: Observed<readonly SocketPair[]>
  /** the files behind bound names and configured endpoints, by path */
  readonly files: Readonly<Record<string, Observed<SocketFile>>>
  /** who holds a socket open, by socket inode: details of every component, and of every peer of a runtime socket */
  readonly owners: Readonly<Record<number, readonly number[]>>
}

export interface SocketTable {
  /** the process whose network namespace this is the view of */
  readonly pid: number
  /** the components that share it */
  readonly members: readonly number[]
  readonly sockets: Observed<readonly UnixSocket[]>
}

export interface UnixSocket {
  readonly inode: number
  readonly state: 'listening' | 'connected' | 'other'
  /** the name it was bound under (`@name` for an abstract one); a renamed file keeps the old name here */
  readonly path?: string
}

export interface SocketPair {
  readonly inode: number
  readonly peerInode: number
  /** the name that either end was bound under */
  readonly path?: string
}

export interface SocketFile {
  readonly type: 'socket' | 'directory' | 'file' | 'other'
  readonly inode: number
  readonly device: string
  /** inode of the socket that is bound to this file, found by device and inode (sock_diag) even when renamed */
  readonly listener?: number
}

// ---------------------------------------------------------------- configuration

/** A setting and where it is written. */
export interface Setting<T = string> {
  readonly value: T
  /** `/etc/docker/daemon.json`, `argv of pid 812`, `/etc/systemd/system/kubelet.service.d/10-kubeadm.conf:3` */
  readonly source: string
}

export interface KubeletFacts {
  /** undefined: configured on disk but not running */
  readonly pid?: number
  /** what carries it: `kubelet`, `k3s`, `rke2`, `kubelite`, `k0s`, `hyperkube` */
  readonly program: string
  readonly version: Observed<string>
  /** flags from argv, `--name value` and `--name=value` alike; a flag without value is "true" */
  readonly flags: Readonly<Record<string, string>>
  /** CRI endpoint as configured, in order of precedence: the first one wins */
  readonly endpoints: readonly Setting[]
  /** `--container-runtime` and the like: every setting that decides or hints whether dockershim is inside */
  readonly containerRuntime?: Setting
  readonly cgroupDriver?: Setting
  /** KubeletConfiguration after drop-ins; only the keys rtctl uses, with where each is written */
  readonly config: Observed<Readonly<Record<string, Setting<unknown>>>>
  /** every file that was looked at for settings */
  readonly files: readonly {readonly path: string; readonly state: 'ok' | 'absent' | 'unreadable'}[]
}

export interface UnitFacts {
  /** `docker.service` */
  readonly name: string
  /** the unit file and its drop-ins, in the order systemd reads them */
  readonly files: readonly string[]
  /** `Section.Key` → values in order, after drop-ins and resets (an empty assignment clears a list) */
  readonly settings: Readonly<Record<string, readonly Setting[]>>
  readonly masked: boolean
}

export interface CrictlConfig {
  readonly runtimeEndpoint?: string
  readonly imageEndpoint?: string
}

export interface CniFacts {
  readonly directory: string
  /** conf, conflist and json files in the order they are loaded; the first one wins */
  readonly networks: Observed<readonly {readonly file: string; readonly name: string; readonly plugins: readonly string[]}[]>
}

// ---------------------------------------------------------------- engines

export interface DockerFacts {
  /** undefined: its data is on disk but no dockerd runs */
  readonly pid?: number
  /** `unix://…`, `tcp://…`, `fd://` as in argv or daemon.json; Docker's default where nothing is set */
  readonly hosts: readonly Setting[]
  readonly dataRoot: Setting
  readonly execRoot: Setting
  /** the containerd it is told to use; undefined: it starts one of its own */
  readonly containerdAddress?: Setting
  readonly config: Observed<Readonly<Record<string, unknown>>>
  readonly api: Observed<DockerApiFacts>
  /** containers on disk: `DATA-ROOT/containers/<id>/config.v2.json` */
  readonly containers: Observed<readonly DockerContainer[]>
}

/** What dockerd answers on its socket (`/version`, `/info`; containers only where the disk could not be read). */
export interface DockerApiFacts {
  /** the socket that answered */
  readonly socket: string
  readonly version: string
  readonly apiVersion: string
  readonly minApiVersion?: string
  readonly storageDriver?: string
  readonly loggingDriver?: string
  readonly cgroupDriver?: string
  readonly cgroupVersion?: string
  readonly defaultRuntime?: string
  readonly runtimes: readonly string[]
  readonly rootDir?: string
  /** `inactive`, `active` … */
  readonly swarm?: string
  readonly liveRestore?: boolean
  /** counted by dockerd */
  readonly containersTotal?: number
  readonly containersRunning?: number
  readonly images?: number
  /** versions of the parts dockerd knows of: containerd, runc, docker-init */
  readonly components: Readonly<Record<string, string>>
  readonly containers?: readonly DockerContainer[]
}

export interface DockerContainer {
  readonly id: string
  readonly name: string
  readonly image?: string
  readonly imageId?: string
  readonly state: ContainerState
  readonly pid?: number
  /** OCI runtime name as Docker knows it: `runc`, `runsc`, `io.containerd.runc.v2` */
  readonly runtime?: string
  readonly labels: Readonly<Record<string, string>>
  readonly logDriver?: string
  readonly logPath?: string
  readonly cgroupParent?: string
  /** started with `--init` */
  readonly init?: boolean
  /** host ports published, e.g. `18080->8080/tcp` */
  readonly ports: readonly string[]
  readonly source: string
}

export type ContainerState = 'created' | 'running' | 'paused' | 'exited' | 'unknown'

export interface ContainerdFacts {
  /** undefined: its state is on disk but no containerd runs */
  readonly pid?: number
  /** gRPC address, a socket path */
  readonly address: Setting
  readonly root: Setting
  readonly state: Setting
  readonly configFile: Setting
  readonly config: Observed<ContainerdConfig>
  /** `STATE/io.containerd.runtime.v2.task/<namespace>/<id>` and the v1 layout */
  readonly bundles: Observed<readonly Bundle[]>
}

export interface ContainerdConfig {
  /** 1 where the file has none */
  readonly version: number
  readonly imports: readonly string[]
  readonly disabledPlugins: readonly string[]
  /** whether `disabled_plugins` names the CRI plugin, in any of its three spellings */
  readonly criDisabled: boolean
  readonly sandboxImage?: string
  readonly snapshotter?: string
  readonly defaultRuntime?: string
  readonly systemdCgroup?: boolean
  /** where the CRI plugin looks for CNI configuration, if the file says so */
  readonly cniDirectory?: string
  /** handlers of the CRI plugin: name → runtime type and binary */
  readonly runtimes: Readonly<Record<string, {readonly type?: string; readonly binary?: string; readonly systemdCgroup?: boolean}>>
  /** every file that was read, main file first */
  readonly files: readonly string[]
}

/** An OCI bundle that containerd or CRI-O keeps while a container exists. */
export interface Bundle {
  readonly id: string
  /** containerd namespace: `k8s.io`, `moby`, `default`; `cri-o` bundles have none */
  readonly namespace: string
  readonly path: string
  /** init.pid, in the pid namespace of the daemon that wrote it */
  readonly pid?: number
  readonly cgroupsPath?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly args: readonly string[]
  /** its configuration mounts nothing of the host but what its engine and the kubelet made for this very container */
  readonly onlyOwnMounts?: true
  /** OCI runtime binary (a path or a name) that the shim was told to run: still known when the runtime keeps no state any more */
  readonly runtimeBinary?: Setting
  /** OCI runtime that has a state directory for it, e.g. `runc`, with that directory */
  readonly runtimeState?: {readonly runtime: string; readonly path: string}
  readonly source: string
}

export interface CrioFacts {
  readonly pid?: number
  readonly address: Setting
  readonly root: Setting
  readonly runRoot: Setting
  readonly cgroupManager?: Setting
  readonly defaultRuntime?: Setting
  /** where it looks for CNI configuration, if a file or flag says so */
  readonly cniDirectory?: Setting
  readonly runtimes: Readonly<Record<string, {readonly path?: string; readonly type?: string}>>
  readonly files: readonly string[]
  /** `userdata/config.json` of every container */
  readonly bundles: Observed<readonly Bundle[]>
}

/** A conmon or conmonrs process and what its argv says. */
export interface ConmonFacts {
  readonly pid: number
  /** container id (`-c`); conmonrs serves a whole pod and has none */
  readonly id?: string
  readonly name?: string
  /** OCI runtime binary (`-r`) */
  readonly runtime?: string
  readonly bundle?: string
  readonly logPath?: string
  /** who started it, from its exit directory or exit command */
  readonly owner: 'cri-o' | 'podman' | 'unknown'
}

// ---------------------------------------------------------------- CRI

export interface CriEndpointFacts {
  /** socket path */
  readonly address: string
  /** first process of the nested machine it lies in; undefined: the host itself */
  readonly inside?: number
  /** why it was asked: `kubelet --container-runtime-endpoint`, `crictl.yaml`, `listens` */
  readonly reasons: readonly string[]
  /** versions served, best first; empty: something answers, but no CRI */
  readonly answer: Observed<CriAnswer>
}

export interface CriAnswer {
  readonly apiVersions: readonly ('v1' | 'v1alpha2')[]
  readonly runtimeName: string
  readonly runtimeVersion: string
  readonly conditions: readonly {readonly type: string; readonly status: boolean; readonly reason: string; readonly message: string}[]
  /** RuntimeClass handlers it says it has (CRI ≥ 1.30) */
  readonly handlers: readonly string[]
  /** from the verbose Status: what the runtime itself calls its settings */
  readonly cgroupDriver?: string
  readonly snapshotter?: string
  readonly sandboxImage?: string
  readonly pods: readonly CriPod[]
  readonly containers: readonly CriContainer[]
}

export interface CriPod {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly ready: boolean
  readonly handler: string
}

export interface CriContainer {
  readonly id: string
  readonly podSandboxId: string
  readonly name: string
  readonly image: string
  readonly state: ContainerState
}
