// SPDX-License-Identifier: Apache-2.0
import type {JsonObject} from '../json.ts'
import type {Observed} from '../observed.ts'

export interface ContainerdNodeFacts {
  /**
   * the configuration of each containerd of the host that is not Docker's own; absent where there is none. A file that cannot be
   * read makes all unreadable.
   */
  readonly containerdConfigs: Observed<readonly ContainerdFiles[]>
  /** `*.toml` in /etc/containerd/conf.d; absent where there are none */
  readonly containerdDropIns: Observed<readonly string[]>
  /** path of the hosts.toml for all registries; not looked for where no config_path names several folders */
  readonly containerdDefaultHosts: Observed<string>
  /** absolute paths of OCI runtimes that a configuration of containerd names, and whether there is such a file */
  readonly containerdBinaries: Observed<Readonly<Record<string, boolean>>>
  /** what the containerd of the pods warned of since its start; absent for those that keep no such list */
  readonly containerdDeprecations: Observed<readonly ContainerdDeprecation[]>
  /** version of the package nvidia-container-toolkit; not looked for where nothing names its runtime */
  readonly nvidiaToolkit: Observed<string>
}

/** Use of something that a later containerd does not have. */
export interface ContainerdDeprecation {
  /** `io.containerd.deprecation/pull-schema-1-image` */
  readonly id: string
  /** ISO 8601, UTC */
  readonly last?: string
}

/** One containerd and the files it reads. */
export interface ContainerdFiles {
  /** undefined: it does not run */
  readonly pid?: number
  /** socket path */
  readonly address: string
  /** in the order they are loaded, the main file first */
  readonly files: readonly ContainerdFile[]
}

/** A configuration file of containerd. Its `table` is untrusted: any member may have any type. */
export interface ContainerdFile {
  readonly path: string
  /** undefined: the file has none, and counts as version 1 */
  readonly version?: number
  readonly table: JsonObject
  /** line of each table and key, from 1, by the JSON text of its path: `["plugins","io.containerd.grpc.v1.cri"]` */
  readonly lines: Readonly<Record<string, number>>
}
