// SPDX-License-Identifier: Apache-2.0
import type {Gap} from '../chain.ts'
import type {TargetName} from '../check.ts'
import type {GeneratedFile, SettingRow, Target} from './config.ts'
import type {Origin, Remark, Verdict} from './needs.ts'

/** The parts of a migration, in their order; `--phase`, `--skip-phase` and `--pause-before` name them. */
export const PHASES = [
  'drain', 'stop-kubelet', 'images', 'containers', 'stop-docker', 'network', 'runtime', 'kubelet', 'node', 'pods',
] as const

export type Phase = (typeof PHASES)[number]

/**
 * What rtctl would do to a node. Plain data: printing it is the dry run, `apply` carries it out. A plan that was made through a
 * redacting host may lack secrets and is for reading only: `apply` makes its own and compares fingerprints.
 */
export interface Plan {
  readonly format: 'rtctl-plan/1'
  readonly rtctl: string
  readonly node: string
  /** ISO 8601, UTC; not part of the fingerprint */
  readonly made: string
  readonly from: Origin
  readonly target: Target
  /** what was asked for, beside the target: with it the same node gives the same plan again */
  readonly asked?: {readonly version?: string; readonly kubernetes?: string; readonly keepDocker?: boolean}
  readonly rows: readonly SettingRow[]
  readonly verdicts: readonly Verdict[]
  readonly remarks: readonly Remark[]
  /** what could not be read, though the plan depends on it; left out where there is nothing */
  readonly gaps?: readonly Gap[]
  readonly files: readonly FileChange[]
  readonly steps: readonly PlannedStep[]
  /** what stops working meanwhile, and for about how many seconds */
  readonly interruptions: readonly {readonly what: string; readonly seconds: number}[]
  /** what rollback does not bring back */
  readonly irreversible: readonly string[]
  /**
   * `sha256:…` over all of the above but `made`, `rtctl` and `interruptions`, in canonical JSON with secrets redacted: the same
   * node and target give the same
   */
  readonly fingerprint: string
}

export interface FileChange extends GeneratedFile {
  /** text before; undefined: there is no such file */
  readonly before?: string
}

export interface PlannedStep {
  /** unique in the plan, stable, kebab-case: `stop-docker-socket`, `write-etc-containerd-config-toml` */
  readonly id: string
  readonly phase: Phase
  /** imperative, without full stop: `Stop docker.socket` */
  readonly title: string
  /** one sentence */
  readonly why: string
  readonly action: Action
  /** how rollback takes it back, in words; undefined: it changes nothing */
  readonly undo?: string
}

/** State of a systemd unit, as far as a migration changes it. */
export interface UnitState {
  readonly active: boolean
  /** `is-enabled`: enabled | disabled | static | masked | … ; undefined: there is no such unit */
  readonly enablement?: string
}

/** A thing to do. `perform` of each is idempotent: done again after a crash it ends in the same state. */
export type Action =
  /** `before`: what the file is known to be now; refused where it is something else. `after` undefined: remove it. */
  | {readonly kind: 'write-file'; readonly path: string; readonly text?: string; readonly mode: number; readonly before: 'absent' | {readonly sha256: string}}
  /** in this order: unmask, enable or disable, stop or start or restart, mask */
  | {
    readonly kind: 'unit'; readonly unit: string; readonly active?: 'started' | 'stopped' | 'restarted'; readonly enabled?: boolean; readonly masked?: boolean
  }
  | {readonly kind: 'reload-units'}
  | {readonly kind: 'cordon'; readonly node: string}
  /** evicts pods, PodDisruptionBudgets respected; DaemonSet and static pods stay */
  | {readonly kind: 'drain'; readonly node: string; readonly timeoutSeconds: number}
  | {readonly kind: 'uncordon'; readonly node: string}
  | {readonly kind: 'annotate-node'; readonly node: string; readonly name: string; readonly value: string | null}
  | {readonly kind: 'move-images'; readonly dockerSocket: string; readonly to: {readonly name: 'containerd' | 'cri-o'; readonly endpoint: string}; readonly images: readonly string[]}
  /** stops and removes the containers of pods through Docker: those with the label io.kubernetes.pod.uid */
  | {readonly kind: 'remove-docker-pods'; readonly dockerSocket: string}
  /** stops the containers that are not Kubernetes' own: they would end with dockerd anyway; undo starts those that ran */
  | {readonly kind: 'stop-docker-containers'; readonly dockerSocket: string; readonly ids: readonly string[]}
  /** stops and removes the pod sandboxes of a CRI runtime, but those of these ids */
  | {readonly kind: 'remove-cri-pods'; readonly endpoint: string; readonly keep?: readonly string[]}
  /** a stale socket, an empty directory in its place, dangling links of logs: removed where it is that, else left and told */
  | {readonly kind: 'clear-path'; readonly path: string; readonly only: 'socket' | 'empty-directory' | 'dangling-links-below'}
  | {readonly kind: 'forward-policy'; readonly policy: 'ACCEPT' | 'DROP'}
  | {readonly kind: 'remove-docker-chains'; readonly chains: readonly string[]}
  | {readonly kind: 'remove-link'; readonly link: string}
  | {readonly kind: 'sysctl'; readonly name: string; readonly value: string}
  | {readonly kind: 'load-module'; readonly module: string}
  | {readonly kind: 'wait-cri'; readonly endpoint: string; readonly expect: CriExpectation}
  /** Ready, and its container runtime is reported as `<prefix>://` */
  | {readonly kind: 'wait-node'; readonly node: string; readonly runtimePrefix: string; readonly timeoutSeconds: number}
  /** every pod that ran before runs again (bare pods that were evicted excepted), in the new runtime and in no other */
  | {readonly kind: 'compare-pods'; readonly endpoint: string; readonly timeoutSeconds: number}
  /** undo only: puts a file back as it was, from the migration's backup; `absent`: removes it */
  | {readonly kind: 'restore-file'; readonly path: string; readonly backup: FileBackup}
  /** undo only; `restart`: it has to read its files again, when all of its phase are back */
  | {readonly kind: 'restore-unit'; readonly unit: string; readonly state: UnitState; readonly restart?: boolean}
  | {readonly kind: 'start-docker-containers'; readonly dockerSocket: string; readonly ids: readonly string[]}
  | {readonly kind: 'remove-cri-images'; readonly endpoint: string; readonly images: readonly string[]}
  /** undo only: a command of iptables or ip6tables on each line, as they have to be given to make chains and rules again */
  | {readonly kind: 'restore-firewall'; readonly rules: string}

export interface CriExpectation {
  readonly runtimeName: string
  readonly cgroupDriver?: 'systemd' | 'cgroupfs'
  /** must be there; pinned where the runtime pins */
  readonly sandboxImage?: string
  /** must be there under these names */
  readonly images: readonly string[]
  /** false while no CNI of the cluster has come up yet */
  readonly networkReady: boolean
  readonly timeoutSeconds: number
}

export type FileBackup =
  /** `folders`: were not there either, outermost first; removed with the file where nothing else is in them */
  | {readonly state: 'absent'; readonly folders?: readonly string[]}
  /** `copy`: name of the file in the migration's `backup/` folder */
  | {readonly state: 'file'; readonly copy: string; readonly sha256: string; readonly mode: number; readonly uid: number; readonly gid: number; readonly mtimeMs: number}
  | {readonly state: 'link'; readonly target: string}

/** Names of runtimes on the command line. */
export type MigrationTarget = TargetName
