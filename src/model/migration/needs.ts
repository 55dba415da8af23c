// SPDX-License-Identifier: Apache-2.0
import type {TargetName} from '../check.ts'
import type {CgroupMode, Setting} from '../facts.ts'

/**
 * What a node needs of its container runtime, whichever that is: made once from what was read of the node, and every target's
 * configuration is made of it. Each value says where it is written.
 */
export interface NodeNeeds {
  readonly node: string
  readonly from: Origin
  readonly cgroup: {
    /** the driver that kubelet and runtime have to agree on, after the migration */
    readonly driver: Setting<'systemd' | 'cgroupfs'>
    readonly mode: CgroupMode
  }
  /** image of the pod sandbox as the kubelet or the old runtime names it; undefined: the new runtime's default will do */
  readonly sandboxImage?: Setting
  readonly registries: readonly Registry[]
  /** folders in the layout of Docker's certs.d that have certificates, by registry `host:port` */
  readonly certificates: Readonly<Record<string, Setting>>
  readonly proxies: readonly Proxy[]
  readonly runtimes: readonly OciRuntime[]
  /** handler for pods without a RuntimeClass: name of one of {@link runtimes}, or `runc` */
  readonly defaultRuntime: Setting
  readonly cni: {readonly confDir: Setting; readonly binDirs: Setting<readonly string[]>}
  /** where images and containers should lie, if not in the new runtime's own place (Docker's data-root is on a disk of its own) */
  readonly dataRoot?: Setting
  /** limits of containers: by name without RLIMIT_ (`nofile`), soft and hard, -1 for unlimited */
  readonly ulimits: Readonly<Record<string, Setting<{readonly soft: number; readonly hard: number}>>>
  /** limits of the old daemon that its containers inherit: `LimitNOFILE` of its unit */
  readonly daemonOpenFiles?: Setting<{readonly soft: number; readonly hard: number}>
  /** rotation of container logs, which the kubelet does after the move */
  readonly logs: {readonly maxSize?: Setting; readonly maxFiles?: Setting<number>; readonly driver?: Setting}
  readonly downloads?: Setting<number>
  readonly logLevel?: Setting<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>
  readonly logFormat?: Setting<'text' | 'json'>
  readonly metricsAddress?: Setting
  readonly oomScore?: Setting<number>
  readonly selinux?: Setting<boolean>
  /** path of a seccomp profile for all containers */
  readonly seccompProfile?: Setting
  readonly cdiSpecDirs?: Setting<readonly string[]>
  readonly pullProgressTimeout?: Setting
  readonly kernel: {
    /** kernel modules that have to be loaded at boot and are not persisted: `overlay`, `br_netfilter` */
    readonly modules: readonly Setting[]
    /** sysctl name → value that holds now and is not persisted */
    readonly sysctls: Readonly<Record<string, Setting>>
    /** the FORWARD policy is DROP, set by Docker */
    readonly forwardDrop?: Setting
    /** network links that Docker made: `docker0` */
    readonly links: readonly string[]
    /** chains of iptables that Docker made */
    readonly chains: readonly string[]
  }
  readonly kubelet: KubeletNeeds
  /** every setting of the old runtime, also those that nothing becomes of: one row each */
  readonly verdicts: readonly Verdict[]
  /** images that pods of this node use, as their specs name them, and whether a registry is known to have them */
  readonly images: readonly PodImage[]
  /** things that no configuration can carry over, found while reading */
  readonly remarks: readonly Remark[]
}

/** What the node runs on now. */
export interface Origin {
  /** `none`: nothing that could run pods is there */
  readonly runtime: 'dockershim' | 'cri-dockerd' | 'containerd' | 'cri-o' | 'none'
  /** CRI endpoint of the kubelet */
  readonly endpoint?: Setting
  /** socket of dockerd, where there is one: `/run/docker.sock` */
  readonly dockerSocket?: string
  readonly dockerDataRoot?: string
  readonly versions: {
    readonly kubelet?: string
    readonly docker?: string
    readonly containerd?: string
    readonly crio?: string
  }
  /** containers that are not Kubernetes' own */
  readonly foreignContainers: readonly {readonly id: string; readonly name: string}[]
  /** whoever wrote the configuration, where it must not be edited: `k3s`, `rke2`, `k0s`, `microk8s` */
  readonly generatedBy?: Setting
  /** systemd runs the node: units can be used */
  readonly systemd: boolean
}

/** A registry with what is special about it. */
export interface Registry {
  /** `docker.io`, `registry.example.com:5000` */
  readonly host: string
  /** asked before the registry itself, in order: `https://mirror.example.com` */
  readonly mirrors: readonly Setting[]
  /** Docker takes any certificate and falls back to plain HTTP */
  readonly insecure?: Setting
  /** what it is known to speak; undefined where nobody says: Docker tries HTTPS with any certificate first, then plain HTTP */
  readonly scheme?: 'http' | 'https'
}

export interface Proxy {
  readonly name: 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY'
  readonly setting: Setting
}

/** An OCI runtime or shim: a handler of a RuntimeClass, or the default. */
export interface OciRuntime {
  /** `runc`, `nvidia`, `runsc` */
  readonly handler: string
  /** containerd's runtime type: `io.containerd.runc.v2` */
  readonly type: string
  /**
   * absolute path or name of the program: of `io.containerd.runc.v2` the one that is called like runc, of `io.containerd.runsc.v1` runsc,
   * of other types the shim; undefined: the type's own
   */
  readonly binary?: string
  /** extra arguments, which containerd cannot take: a wrapper program must */
  readonly arguments?: readonly string[]
  /** options of the shim, as containerd takes them: `{TypeUrl: …, ConfigPath: …}` */
  readonly options?: Readonly<Record<string, string | number | boolean>>
  readonly source: string
}

export interface KubeletNeeds {
  /** every flag that its next start has, where it is written; from {@link KubeletFlag} */
  readonly flags: readonly {readonly name: string; readonly value: string; readonly source: string}[]
  /** path of its configuration file (--config), if it has one */
  readonly configFile?: string
  /** runs as a container, or inside k3s and the like */
  readonly embedded?: Setting
  /** version of kubelet that will start next, MAJOR.MINOR: decides which flags it may have */
  readonly version?: string
  /** kubeadm manages this node */
  readonly kubeadm: boolean
  /** name of its Node object (--hostname-override, else host name in lower case) */
  readonly nodeName: string
}

export interface PodImage {
  /** as a pod spec names it */
  readonly name: string
  /** no registry is known to have it: it has to be moved */
  readonly localOnly: boolean
  /** pods: `shop/web-0` */
  readonly pods: readonly string[]
  /** bytes, as the old runtime counts them */
  readonly size?: number
}

/** What becomes of one setting of the old runtime. `becomes` names file and key of the target. */
export interface Verdict {
  /** `daemon.json log-opts`, `dockerd --bip`, `docker.service LimitNOFILE`, `kubelet --network-plugin` */
  readonly setting: string
  readonly value: string
  readonly source: string
  readonly verdict: Readonly<Record<TargetName, SettingFate>>
}

export interface SettingFate {
  /** `translated`: the target says it; `kubelet`, `host`: those say it; `none`: nothing does; `not-needed`: it ends with Docker; `stays`: Docker keeps it */
  readonly fate: 'translated' | 'kubelet' | 'host' | 'none' | 'not-needed' | 'stays'
  /** one sentence: why, and for `none` what to do */
  readonly reason: string
}

/** Something to know or to do by hand, told in the plan. */
export interface Remark {
  /** `blocker` refuses the migration; `loss`: does not survive it; `note` */
  readonly level: 'blocker' | 'loss' | 'note'
  readonly text: string
  readonly next?: string
  readonly source?: string
  /** id of the preflight check that found it; a blocker that has one stops no migration that is told `--accept ID` */
  readonly id?: string
}
