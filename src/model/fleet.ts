// SPDX-License-Identifier: Apache-2.0
import type {Gap, InspectReport} from './chain.ts'
import type {Severity} from './check.ts'
import type {HorizonRow, PreflightReport, Verdict} from './preflight.ts'

/** What `rtctl fleet publish` writes of a node, and `rtctl fleet collect` brings back. */
export interface NodeReport {
  readonly schemaVersion: 1
  readonly kind: 'rtctl-node-report'
  readonly rtctl: string
  /** the node's name in Kubernetes */
  readonly node: string
  /** when the node was looked at, RFC 3339 in UTC */
  readonly time: string
  readonly preflight: PreflightReport
  readonly inspect: InspectReport
}

/** A node as the cluster has it. */
export interface ClusterNode {
  readonly name: string
  readonly controlPlane: boolean
  /** what its provider or provisioner calls the group of machines that it is one of */
  readonly pool?: string
  /** `v1.23.17` */
  readonly kubelet?: string
  /** `docker://20.10.24` */
  readonly runtime?: string
  readonly os?: string
  readonly ready: boolean
}

/** What `rtctl fleet collect` brings back besides reports. Written last: without it, a collection is cut off. */
export interface Collection {
  readonly schemaVersion: 1
  readonly kind: 'rtctl-collection'
  readonly rtctl: string
  /** when the cluster was read */
  readonly time: string
  readonly cluster: {readonly context: string; readonly version?: string}
  readonly nodes: readonly ClusterNode[]
  /** `nodes` is all of them */
  readonly allNodes: boolean
  readonly unreadable: readonly Unreadable[]
  readonly gaps: readonly Gap[]
}

/** A report that is there and cannot be used. */
export interface Unreadable {
  /** `ConfigMap rtctl/rtctl-node-n1`, a file */
  readonly source: string
  readonly node?: string
  readonly reason: string
}

/** A piece of what is known about a fleet, whether from a cluster or from files. */
export type FleetItem =
  | {readonly kind: 'report'; readonly source: string; readonly value: unknown}
  | {readonly kind: 'unreadable'; readonly unreadable: Unreadable}
  | {readonly kind: 'node'; readonly node: ClusterNode}
  /** no node is missing among those that came */
  | {readonly kind: 'all-nodes'}
  | {readonly kind: 'gap'; readonly gap: Gap}

/** Why a node cannot be judged. */
export type SilenceReason = 'no-report' | 'too-old' | 'unreadable' | 'not-linux'

export interface SilentNode {
  readonly name: string
  readonly reason: SilenceReason
  readonly text: string
}

/** The first version that breaks a node. */
export type FirstBreak = Pick<HorizonRow, 'product' | 'version' | 'text'>

export interface FleetNode {
  readonly name: string
  readonly controlPlane: boolean
  readonly pool: string
  readonly kubelet: string
  /** `Kubernetes through dockershim` */
  readonly runtime: string
  /** it runs on the target already */
  readonly onTarget: boolean
  readonly verdict: Verdict['answer']
  /** of the findings that count */
  readonly counts: Readonly<Record<Severity, number>>
  readonly undecided: number
  /** running pods */
  readonly pods: number
  readonly breaksAt?: FirstBreak
  readonly time: string
  readonly ageSeconds: number
  readonly rtctl: string
  /** `containerd, Kubernetes 1.24`: what it was checked for */
  readonly goal: string
}

/** A finding, told once for all nodes that have it. */
export interface SharedFinding {
  readonly check: string
  readonly severity: Severity
  readonly title: string
  readonly learnMore: string
  /** in the order of migration */
  readonly nodes: readonly string[]
  /** what it says of one node; of others it can differ in detail */
  readonly example: {readonly node: string; readonly text: string; readonly fix: string}
}

/** What could not be looked at, told once for all nodes where it is so. */
export interface SharedGap {
  /** id of a check, or what was to be read */
  readonly what: string
  /** in the order of migration */
  readonly nodes: readonly string[]
  readonly example: {readonly node: string; readonly reason: string}
}

/** What `rtctl fleet report` answers. */
export interface FleetReport {
  readonly schemaVersion: 1
  readonly rtctl: string
  /** as of when: ages are counted from here */
  readonly time: string
  readonly cluster: {readonly context: string; readonly version?: string}
  readonly verdict: {
    readonly answer: Verdict['answer']
    readonly sentence: string
    readonly reasons: readonly string[]
    /** findings that count, over all nodes */
    readonly counts: Readonly<Record<Severity, number>>
  }
  /** in the order of migration */
  readonly nodes: readonly FleetNode[]
  /** nodes of the cluster that cannot be judged */
  readonly silent: readonly SilentNode[]
  /** reports of nodes that the cluster does not have */
  readonly gone: readonly {readonly name: string; readonly time: string}[]
  readonly findings: readonly SharedFinding[]
  readonly undecided: readonly SharedGap[]
  readonly unreadable: readonly Unreadable[]
  readonly gaps: readonly Gap[]
}
