// SPDX-License-Identifier: Apache-2.0
import type {Setting} from '../facts.ts'
import type {HostText} from '../node-facts.ts'
import type {Observed} from '../observed.ts'

export interface LoggingNodeFacts {
  /** what each dockerd of the host itself gives new containers; a configuration that cannot be read makes all unreadable */
  readonly dockerLogging: Observed<readonly DockerLogging[]>
  /** running containers that a kubelet has at Docker, without pod sandboxes; absent: there are none */
  readonly containerLogs: Observed<readonly ContainerLog[]>
  /** rules of logrotate, from /etc/logrotate.conf and /etc/logrotate.d */
  readonly logrotateRules: Observed<readonly LogrotateRule[]>
  /** the filesystems that logs of containers lie on, as "major:minor" */
  readonly logFilesystems: Observed<LogFilesystems>
  /** configuration files of log collectors; a file that cannot be read makes all unreadable */
  readonly collectorTexts: Observed<readonly HostText[]>
}

export interface DockerLogging {
  /** undefined: it does not run */
  readonly pid?: number
  /** what dockerd itself says where it runs and answers; else as configured */
  readonly driver: Setting
  readonly options: Readonly<Record<string, Setting>>
  /** `--raw-logs` */
  readonly rawLogs?: Setting
}

/** How the log of one container is kept: Docker fixes that when it makes the container. */
export interface ContainerLog {
  readonly id: string
  /** `namespace/pod/container` */
  readonly name: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  /** hostconfig.json of the container */
  readonly source: string
  /** the file that Docker writes now, and its size in bytes */
  readonly file?: {readonly path: string; readonly size?: number}
  /** the link below /var/log/pods, and where it points */
  readonly link?: {readonly path: string; readonly target: string}
}

export interface LogrotateRule {
  readonly file: string
  /** of its first pattern, from 1 */
  readonly line: number
  readonly patterns: readonly string[]
  /** without scripts: `daily`, `rotate 7`, `copytruncate` */
  readonly directives: readonly string[]
}

export interface LogFilesystems {
  readonly docker: LogFilesystem
  readonly pods: LogFilesystem
}

export interface LogFilesystem {
  readonly path: string
  readonly device: string
  /** where it is mounted */
  readonly mount: string
}
