// SPDX-License-Identifier: Apache-2.0
import type {Observed} from '../observed.ts'
import type {Remark} from './needs.ts'

/** The container runtime to come. */
export type Target =
  | {readonly name: 'containerd'; readonly endpoint: string; readonly version?: string; readonly configVersion: 2 | 3 | 4}
  | {readonly name: 'cri-o'; readonly endpoint: string; readonly version?: string}
  | {readonly name: 'cri-dockerd'; readonly endpoint: string; readonly version?: string}

/** Text files of the node that a migration may change or has to take into account, by path. */
export interface TargetFiles {
  readonly files: Readonly<Record<string, Observed<TargetFile>>>
  /** for each pattern that was wanted: the files found, whose texts are among `files` */
  readonly matches: Readonly<Record<string, Observed<readonly string[]>>>
}

export interface TargetFile {
  readonly text: string
  /** permission bits */
  readonly mode: number
}

/** What a generator wants to read of the node before it writes. */
export interface Wanted {
  readonly files: readonly string[]
  /** `*` stands for one name or a part of it, in any segment: `/etc/sysctl.d/*.conf` */
  readonly patterns: readonly string[]
}

/** A file as it has to be. */
export interface GeneratedFile {
  readonly path: string
  /** the whole text; undefined: it has to be gone */
  readonly text?: string
  /** permission bits of a new file: 0o644; 0o600 where it may hold secrets. A file that is there keeps its own. */
  readonly mode: number
  /** one sentence: what it is for */
  readonly why: string
  /** when it is written */
  readonly part: 'runtime' | 'kubelet' | 'host' | 'client'
}

/** One row of "before → after". */
export interface SettingRow {
  /** `cgroup driver`, `sandbox image`, `registry mirrors of docker.io`, `log rotation` */
  readonly name: string
  /** what files say now, with the place */
  readonly declared?: {readonly value: string; readonly source: string}
  /** what is in force now */
  readonly effective?: {readonly value: string; readonly source: string}
  /** what is in force after the migration, and the file and key that say so */
  readonly after?: {readonly value: string; readonly source: string}
}

/** What a generator makes of a node's needs. */
export interface Generated {
  readonly files: readonly GeneratedFile[]
  readonly rows: readonly SettingRow[]
  readonly remarks: readonly Remark[]
}
