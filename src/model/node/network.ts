// SPDX-License-Identifier: Apache-2.0
import type {Setting} from '../facts.ts'
import type {HostText} from '../node-facts.ts'
import type {Observed} from '../observed.ts'
import type {SomeTexts} from './host.ts'

export interface NetworkNodeFacts {
  /** names of the network interfaces */
  readonly links: Observed<readonly string[]>
  /** the filter table of IPv4, Docker's and the forwarding chain only; absent where nothing of Docker is on the host */
  readonly firewall: Observed<FilterTable>
  /** rules of iptables that are restored at boot and name Docker's chains */
  readonly savedFirewall: Observed<SomeTexts<HostText>>
  readonly forwarding: Observed<KernelSwitch>
  readonly bridgeNetfilter: Observed<KernelModule>
  /** the CNI configuration files of the facts, as they are written */
  readonly cniConfigs: Observed<SomeTexts<HostText>>
  /** where each runtime looks for CNI plugins */
  readonly cniBinFolders: Observed<Readonly<Record<'containerd' | 'cri-o' | 'cri-dockerd', Setting<readonly string[]>>>>
  /** containerd is told to bring up the loopback interface without a plugin (`use_internal_loopback`, since 2.0) */
  readonly internalLoopback: Observed<boolean>
  /** names of the programs that can be executed, by folder of CNI plugins; a folder that is not there is missing */
  readonly cniPrograms: Observed<Readonly<Record<string, readonly string[]>>>
}

export interface FilterTable {
  /** policy of the FORWARD chain: `ACCEPT`, `DROP` */
  readonly forwardPolicy?: string
  /** names of chains, those that packets do not pass by themselves */
  readonly chains: readonly string[]
  /** in order: the chain and what iptables-save prints behind it */
  readonly rules: readonly FilterRule[]
}

export interface FilterRule {
  readonly chain: string
  readonly text: string
}

/** A setting of the kernel: what it is now, and what a start of the host makes of it. */
export interface KernelSwitch {
  readonly now: string
  /** the last assignment of sysctl.d(5) */
  readonly atBoot?: Setting
}

export interface KernelModule {
  readonly loaded: boolean
  /** part of the kernel image: nothing has to load it; undefined where that cannot be told, as without sysfs */
  readonly builtIn?: boolean
  /** the file that has it loaded at boot, modules-load.d(5) */
  readonly atBoot?: string
}
