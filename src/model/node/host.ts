// SPDX-License-Identifier: Apache-2.0
import type {Setting, UnitFacts} from '../facts.ts'
import type {HostText} from '../node-facts.ts'
import type {Observed} from '../observed.ts'

export interface HostNodeFacts {
  /** scripts, jobs and start-up commands of the host that say "docker" anywhere */
  readonly hostScripts: Observed<SomeTexts<HostScript>>
  /** units that the administrator made or enabled and that say "docker"; never the runtimes' own, nor the kubelet's */
  readonly dockerUsers: Observed<readonly HostUnit[]>
  /** audit rules that say "docker" */
  readonly auditRules: Observed<SomeTexts<HostText>>
  /** configuration of monitoring agents of the host that says "docker" */
  readonly monitoring: Observed<SomeTexts<HostText>>
  /** node-problem-detectors that run, or that a unit starts, on the host itself */
  readonly problemDetectors: Observed<readonly ProblemDetector[]>
  /** packages of a container runtime that dpkg has */
  readonly runtimePackages: Observed<readonly RuntimePackage[]>
  readonly selinux: Observed<SelinuxState>
  /** lists of paths that scanners and backups leave out, those that say /var/lib/docker */
  readonly exclusionLists: Observed<SomeTexts<HostText>>
  /** `conmon_cgroup` of CRI-O; absent where it is not set, and without CRI-O */
  readonly crioConmonCgroup: Observed<Setting>
  /** `pause_image` of CRI-O, in the same way */
  readonly crioPauseImage: Observed<Setting>
  /** names of OCI hook files, with their folder */
  readonly ociHooks: Observed<readonly string[]>
  /** where the containers' files lie now and would lie then */
  readonly storage: Observed<StorageFacts>
  /** the policy of image signatures that CRI-O reads, and whether it is there; absent without CRI-O */
  readonly imagePolicy: Observed<{readonly path: string; readonly exists: boolean}>
  /** folders and files of container runtimes other than Docker, containerd and CRI-O */
  readonly otherRuntimes: Observed<readonly {readonly runtime: string; readonly path: string}[]>
  /** whether crictl is installed: the path of the program */
  readonly crictlProgram: Observed<string>
  /** what is left of Docker without a dockerd */
  readonly dockerLeftovers: Observed<DockerLeftovers>
  /** `Manager.DefaultLimitNOFILE` and the like of systemd-system.conf(5): the last assignment of each */
  readonly systemdDefaults: Observed<Readonly<Record<string, Setting>>>
  /** units of container runtimes that systemd starts at boot, or with another unit; absent where it starts none, and without a kubelet */
  readonly enabledRuntimes: Observed<readonly string[]>
  /** shims without any child process that are older than a minute */
  readonly idleShims: Observed<readonly {readonly pid: number; readonly argv: readonly string[]; readonly seconds: number}[]>
}

/** The texts that could be read, and the places that could not. */
export interface SomeTexts<T extends HostText> {
  readonly texts: readonly T[]
  readonly unread: readonly Observed<never>[]
}

/** Something of the host that runs commands. */
export interface HostScript extends HostText {
  /**
   * `schedule` cron runs it; `boot` at every start; `new-node` when a node is made of the same user data; `login` a shell reads it;
   * `by-hand` a program somebody or something calls
   */
  readonly when: 'schedule' | 'boot' | 'new-node' | 'login' | 'by-hand'
  /** `shell`: text is a shell script, as is what cron and cloud-init run, other lines left blank; `other`: Python, Perl … */
  readonly language: 'shell' | 'other'
}

export interface HostUnit extends UnitFacts {
  /** something starts it: a link in a `.wants` or `.requires` folder, or a timer that has one */
  readonly starts: boolean
}

export interface ProblemDetector {
  readonly argv: readonly string[]
  /** `argv of pid 812`, `/etc/systemd/system/node-problem-detector.service:5` */
  readonly source: string
  /** the configuration files that it names and that could be read */
  readonly configs: readonly HostText[]
}

export interface RuntimePackage {
  readonly name: string
  /** apt installed it only because another package needs it (/var/lib/apt/extended_states) */
  readonly automatic: boolean
  /** `apt-mark hold`; looked up for automatic ones only */
  readonly held: boolean
}

export interface SelinuxState {
  readonly enforcing: boolean
  /** the loaded policy's name: `targeted` */
  readonly policy: string
  /** paths of container data that its file contexts know of */
  readonly knows: readonly string[]
}

export interface StorageFacts {
  /** filesystems the kernel can mount now (/proc/filesystems) */
  readonly filesystems: readonly string[]
  /** `overlay` is a module that can be loaded; undefined: not looked for, or not known */
  readonly overlayModule?: boolean
  /** by path, for the data roots of Docker and of the runtimes to come */
  readonly places: readonly StoragePlace[]
}

export interface StoragePlace {
  readonly path: string
  readonly of: 'docker' | 'containerd' | 'cri-o'
  /** type of its filesystem: `ext4`, `xfs` */
  readonly type: string
  /** where that is mounted */
  readonly mountedAt: string
  /** `major:minor` */
  readonly device: string
  /** bytes; undefined where nothing asked, or nothing answered */
  readonly space?: {readonly size: number; readonly free: number}
  /** xfs only: whether directory entries have a type, which overlayfs needs */
  readonly ftype?: boolean
}

export interface DockerLeftovers {
  /** data roots that still have content of Docker */
  readonly data: readonly string[]
  /** mount points below Docker's data root, first hundred */
  readonly mounts: readonly string[]
  /** mount points below a data folder of the kubelet, by pid of the process of an old container that holds them */
  readonly held: readonly {readonly pid: number; readonly mounts: readonly string[]}[]
}
