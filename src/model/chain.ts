// SPDX-License-Identifier: Apache-2.0
import type {Layer} from './component.ts'
import type {CgroupMode, ContainerState} from './facts.ts'

/** How rtctl knows something. An edge without evidence is a guess and is not drawn. */
export type Evidence =
  /** a connection exists now */
  | {readonly kind: 'socket-peer'; readonly path: string; readonly fromPid: number; readonly toPid: number; readonly connections: number}
  | {readonly kind: 'listens'; readonly pid: number; readonly path: string}
  | {readonly kind: 'parent'; readonly pid: number; readonly ppid: number}
  | {readonly kind: 'cgroup'; readonly pid: number; readonly path: string}
  | {readonly kind: 'process'; readonly pid: number; readonly text: string}
  /** written down, not seen working */
  | {readonly kind: 'argv' | 'config' | 'unit' | 'disk'; readonly source: string; readonly text: string}
  /** said by a daemon */
  | {readonly kind: 'reported'; readonly by: 'cri' | 'docker'; readonly source: string; readonly text: string}
  /** looked for and not found, or found to contradict */
  | {readonly kind: 'missing'; readonly source: string; readonly text: string}

export type Status = 'observed' | 'configured' | 'broken'

export type Via = 'cri-grpc' | 'docker-http' | 'containerd-grpc' | 'ttrpc' | 'fork-exec' | 'in-process'

export interface ChainNode {
  readonly id: string
  readonly layer: Layer
  /** name of an entry of the component table */
  readonly component: string
  /** what to call this one: `containerd`, `containerd-shim-runc-v2 ×19` */
  readonly label: string
  readonly version?: string
  /** pids it stands for: one for a daemon, many for shims of a kind, none for what has exited or is in-process */
  readonly pids: readonly number[]
  readonly status: Status
  /** the machine inside this machine it runs in (kind node, dind, nspawn), by id; undefined: the host itself */
  readonly inside?: string
  /** short facts to show beside it: `namespace k8s.io`, `storage overlay2` */
  readonly notes: readonly string[]
  readonly evidence: readonly Evidence[]
}

export interface ChainEdge {
  readonly from: string
  readonly to: string
  readonly via: Via
  readonly status: Status
  /** socket path, where there is one */
  readonly address?: string
  readonly evidence: readonly Evidence[]
}

/** One route from whoever orders containers down to the containers: a line in the picture. */
export interface Chain {
  readonly id: string
  /** `Kubernetes through dockershim`, `Docker`, `Kubernetes on containerd` */
  readonly title: string
  readonly kind: 'kubernetes' | 'docker' | 'containerd' | 'cri-o' | 'podman' | 'other'
  readonly status: Status
  /** node ids, top to bottom */
  readonly nodes: readonly string[]
  /** ids of the containers at its end */
  readonly containers: readonly string[]
  readonly inside?: string
}

export interface Container {
  readonly id: string
  readonly kind: 'sandbox' | 'container'
  readonly engine: 'docker' | 'containerd' | 'cri-o' | 'podman' | 'other'
  /** containerd namespace, where containerd is below */
  readonly engineNamespace?: string
  readonly name?: string
  readonly pod?: {readonly name: string; readonly namespace: string; readonly uid?: string; readonly sandboxId?: string}
  readonly image?: string
  readonly state: ContainerState
  /** the container's first process, as pid of the host that was read */
  readonly pid?: number
  readonly shimPid?: number
  readonly runtime?: {readonly name: string; readonly evidence: Evidence}
  readonly log?: {readonly path?: string; readonly driver: string}
  readonly cgroup?: {readonly path: string; readonly driver: 'systemd' | 'cgroupfs' | 'unknown'}
  /** started with docker-init or another reaper in front */
  readonly init?: string
  readonly ports: readonly string[]
  readonly inside?: string
  readonly evidence: readonly Evidence[]
}

/** What hangs loose: a shim whose daemon is gone, a container of a runtime that no longer runs, a pod in two runtimes. */
export interface Orphan {
  readonly kind: 'shim-without-daemon' | 'container-without-runtime' | 'pod-in-two-runtimes' | 'process-without-shim'
  readonly text: string
  readonly pids: readonly number[]
  readonly containers: readonly string[]
  readonly evidence: readonly Evidence[]
}

/** What does not fit together, or an operator would want to know at once. */
export interface Oddity {
  /** stable, kebab-case: `endpoint-without-listener`, `socket-is-a-directory` */
  readonly id: string
  readonly level: 'problem' | 'note'
  readonly text: string
  readonly next?: string
  readonly evidence: readonly Evidence[]
}

/** Something that could not be looked at. Any of these makes the answer partial (exit status 4). */
export interface Gap {
  readonly what: string
  readonly source: string
  readonly reason: string
  readonly next: string
}

/** A machine inside the machine: it has its own pid namespace and its own daemons. */
export interface NestedMachine {
  readonly id: string
  /** `kind node kind-control-plane`, `systemd-nspawn machine web`, `container 3f2a… (docker in docker)` */
  readonly label: string
  readonly pid: number
}

/** The facts an operator asks first, one row each. */
export interface Summary {
  readonly kubelet?: string
  readonly criEndpoint?: {readonly configured?: string; readonly inUse?: string; readonly source: string}
  readonly criVersions?: string
  readonly cgroup: {readonly mode?: CgroupMode; readonly kubelet?: string; readonly runtime?: string}
  readonly ociRuntimes: readonly string[]
  readonly handlers: readonly string[]
  readonly storage: readonly string[]
  readonly logging: readonly string[]
  /** component → version, everything found */
  readonly versions: Readonly<Record<string, string>>
}

export interface RuntimeChain {
  readonly nodes: readonly ChainNode[]
  readonly edges: readonly ChainEdge[]
  readonly chains: readonly Chain[]
  readonly containers: readonly Container[]
  readonly nested: readonly NestedMachine[]
  readonly orphans: readonly Orphan[]
  readonly oddities: readonly Oddity[]
  readonly gaps: readonly Gap[]
  readonly summary: Summary
  /** components seen running that stand beside the chains: clients, log agents, CNI and CSI daemons, builders */
  readonly beside: readonly {readonly component: string; readonly pids: readonly number[]; readonly inside?: string; readonly talksTo: readonly string[]}[]
}

/** What `rtctl inspect` answers: the document behind --json, and what every renderer draws. */
export interface InspectReport {
  readonly schemaVersion: 1
  readonly rtctl: string
  readonly host: {readonly name: string; readonly os?: string; readonly kernel?: string; readonly architecture?: string; readonly time?: string}
  readonly chain: RuntimeChain
}
