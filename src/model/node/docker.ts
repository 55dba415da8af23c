// SPDX-License-Identifier: Apache-2.0
import type {Json} from '../json.ts'
import type {HostText} from '../node-facts.ts'
import type {Observed} from '../observed.ts'

export interface DockerNodeFacts {
  /** what every dockerd of the host is told, in its file and on its command line; absent where there is no Docker */
  readonly dockerSettings: Observed<readonly DockerSetting[]>
  /**
   * where registries are configured for containerd (config.toml, hosts.toml) and CRI-O (registries.conf) already; absent where
   * there is no such file, and not read where Docker has no settings of registries
   */
  readonly registryTexts: Observed<readonly HostText[]>
  /** filesystems of dockerd's data and of the folders where other runtimes keep theirs; absent without Docker */
  readonly dockerDisk: Observed<DockerDisk>
  /** images of Docker that no registry is known to have; absent without Docker's own image store */
  readonly unpushedImages: Observed<readonly UnpushedImage[]>
  /** registries that /etc/docker/certs.d has certificates for: names of its folders */
  readonly dockerCertificates: Observed<readonly string[]>
  /** files with registry credentials that exist; their contents are never read */
  readonly registryCredentials: Observed<readonly string[]>
  /** members of the group of docker.sock that /etc/group lists */
  readonly dockerGroup: Observed<{readonly group: string; readonly members: readonly string[]}>
  /** plugins of Docker: what names them, and where it is */
  readonly dockerPlugins: Observed<readonly DockerPlugin[]>
  /** units of Docker that systemd starts at boot, with the link that says so */
  readonly enabledDockerUnits: Observed<readonly {readonly unit: string; readonly link: string}[]>
  /** whether AppArmor has the profile docker-default; absent where there is no AppArmor */
  readonly dockerApparmor: Observed<boolean>
  /** proxies in the environment of docker.service, containerd.service and crio.service; absent where there are none */
  readonly runtimeProxies: Observed<readonly ProxyVariable[]>
  /** version of the cri-dockerd that runs, by its own word; absent where none runs */
  readonly criDockerd: Observed<string>
  /** programs that replace packages of Docker or containerd on their own; absent without such packages */
  readonly unattendedPackages: Observed<readonly UnattendedPackage[]>
  /** why dnf has the package containerd.io, which docker-ce needs; absent where the repository of Docker is not set up for dnf */
  readonly dnfContainerd: Observed<DnfContainerd>
}

export interface DnfContainerd {
  /** `dependency`: docker-ce brought it; `user`: somebody asked for it; `unknown`: dnf 4 keeps that in a database */
  readonly reason: 'dependency' | 'user' | 'unknown'
  /** dnf removes what nothing needs any more together with what needed it (clean_requirements_on_remove) */
  readonly cleans: boolean
}

/** One thing that dockerd is told. */
export interface DockerSetting {
  /** as written: a key of daemon.json, or a long flag without dashes */
  readonly name: string
  readonly from: 'file' | 'flag'
  /** text for a flag */
  readonly value: Json
  /** `/etc/docker/daemon.json:4`, `argv of pid 812` */
  readonly source: string
  /** the words found */
  readonly text: string
  /** line of a key within the value, for tables: `nofile` of `default-ulimits` */
  readonly lines?: Readonly<Record<string, number>>
  /** for a flag: the line of a file that puts it on the command line */
  readonly written?: {readonly source: string; readonly text: string}
}

export interface ProxyVariable {
  readonly unit: 'docker.service' | 'containerd.service' | 'crio.service'
  readonly name: 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY'
  readonly value: string
  /** file and line */
  readonly source: string
}

export interface DockerDisk {
  readonly dataRoot: string
  /** `st_dev` of the filesystem it is on: "major:minor" */
  readonly device: string
  /** of the folder, or of the nearest one above it that exists */
  readonly targets: Readonly<Record<'/var/lib/containerd' | '/var/lib/containers', {readonly device: string; readonly exists: boolean}>>
}

export interface UnpushedImage {
  /** `sha256:…` */
  readonly id: string
  /** every name it has: `ci/app:1` */
  readonly names: readonly string[]
}

export interface DockerPlugin {
  readonly name: string
  readonly path: string
}

export interface UnattendedPackage {
  readonly package: string
  readonly by: 'unattended-upgrades' | 'dnf-automatic'
  /** the lines that make it so */
  readonly proofs: readonly {readonly source: string; readonly text: string}[]
}
