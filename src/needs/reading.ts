// SPDX-License-Identifier: Apache-2.0
import {containerdForPods, filesForPods, filesInForce} from '../checks/lib/containerd.ts'
import {type Use, usesOf} from '../checks/lib/docker-settings.ts'
import {flagInForce, flagsByName, isOnDockershim, kubeletsOfHost} from '../checks/lib/kubelet.ts'
import {ofHost} from '../checks/lib/units.ts'
import type {RuntimeChain} from '../model/chain.ts'
import type {NodeContext, Upgrade} from '../model/check.ts'
import type {ContainerdFacts, CrioFacts, DockerFacts, Facts, KubeletFacts, Process, Setting} from '../model/facts.ts'
import type {Origin} from '../model/migration/needs.ts'
import type {ContainerdFile} from '../model/node/containerd.ts'
import type {KubeletFlag} from '../model/node/kubelet.ts'
import type {NodeFacts} from '../model/node-facts.ts'
import {valueOf} from '../model/observed.ts'
import {runtimeNow} from './runtime-now.ts'

/** What the needs of a node are made of. */
export interface NodeRead {
  readonly facts: Facts
  readonly known: NodeFacts
  readonly chain: RuntimeChain
  readonly upgrade: Upgrade
}

/** A node as the topics look at it: its facts, and what several of them ask for. */
export interface Reading extends NodeRead {
  /** the same for what checks share */
  readonly node: NodeContext
  readonly runtime: Origin['runtime']
  /** pods run in Docker: through dockershim or cri-dockerd */
  readonly onDocker: boolean
  /** the kubelet of the host itself, one that runs before one that does not */
  readonly kubelet: KubeletFacts | undefined
  readonly flags: ReadonlyMap<string, readonly KubeletFlag[]>
  /** the dockerd of the host itself, one that runs before what is on disk only */
  readonly docker: DockerFacts | undefined
  readonly uses: ReadonlyMap<string, Use>
  readonly containerd: ContainerdFacts | undefined
  /** configuration of that containerd whose tables of the CRI plugin are in force */
  readonly containerdFiles: readonly ContainerdFile[]
  readonly crio: CrioFacts | undefined
  readonly criDockerd: Process | undefined
}

/** Puts together what topics ask for. */
export function readingOf(read: NodeRead): Reading {
  const {facts, known, chain, upgrade} = read
  const node: NodeContext = {name: valueOf(facts.machine.hostname) ?? '', facts, chain, clients: [], upgrade}
  const kubelet = runningFirst(kubeletsOfHost(node))
  const docker = runningFirst(ofHost(facts, facts.dockers))
  const containerd = containerdForPods(node)
  const crio = runningFirst(ofHost(facts, facts.crios))
  const criDockerd = (valueOf(facts.processes.all) ?? []).find(({pid, argv}) => /(?:^|\/)cri-dockerd$/.test(argv[0] ?? '') && facts.processes.inside[pid] === undefined)
  const runtime = runtimeNow({facts, kubelet, docker, containerd, crio})
  return {
    ...read, node, runtime, kubelet, docker, containerd, crio, criDockerd,
    onDocker: runtime === 'dockershim' || runtime === 'cri-dockerd',
    flags: flagsByName(valueOf(known.kubeletFlags) ?? []),
    uses: usesOf(valueOf(known.dockerSettings) ?? []),
    // by the containerd that runs, whichever is to come
    containerdFiles: filesInForce(filesForPods(valueOf(known.containerdConfigs), node), {...node, upgrade: withoutVersions(upgrade)}),
  }
}

/** The upgrade without the versions that are planned for the runtimes. */
function withoutVersions({target, kubernetes}: Upgrade): Upgrade {
  return {target, kubernetes, oracle: {}}
}

function runningFirst<T extends {readonly pid?: number}>(daemons: readonly T[]): T | undefined {
  return daemons.find(({pid}) => pid !== undefined) ?? daemons[0]
}

/** What a flag of the kubelet is set to now, else at its next start; with the file that says so, where one does. */
export function kubeletFlag({flags}: Pick<Reading, 'flags'>, name: string): Setting | undefined {
  const places = flags.get(name) ?? []
  const found = flagInForce(places)
  const written = places.findLast(({from, value}) => from === 'file' && value === found?.value)
  return found && {value: found.value, source: (written ?? found).source}
}

/** Whether pods run through the dockershim inside of the kubelet. */
export function hasDockershim({kubelet}: Pick<Reading, 'kubelet'>): boolean {
  return kubelet !== undefined && isOnDockershim(kubelet)
}

/** What a flag of the cri-dockerd that runs is set to, `--name value` and `--name=value` alike. */
export function criDockerdFlag({criDockerd}: Pick<Reading, 'criDockerd'>, name: string): Setting | undefined {
  if (criDockerd === undefined) return undefined
  const {argv, pid} = criDockerd
  const source = `argv of pid ${pid}`
  for (const [index, word] of argv.entries()) {
    if (word.startsWith(`--${name}=`)) return {value: word.slice(name.length + 3), source}
    const next = argv[index + 1]
    if (word === `--${name}` && next !== undefined && !next.startsWith('-')) return {value: next, source}
  }
  return undefined
}

/** Docker runs pods now and does not then: what it has ends with it. */
export function dockerEnds({onDocker, upgrade: {target}}: Reading): boolean {
  return onDocker && target !== 'cri-dockerd'
}

/** A setting of dockerd as one of the needs: its value, and the place that an operator has to look at. */
export function settingOf<T>(use: Use, value: T): Setting<T> {
  const [first] = use.settings
  return {value, source: first?.written?.source ?? first?.source ?? use.key}
}

/** A map that hostile names do no harm to. */
export function byName<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const map = Object.create(null) as Record<string, T>
  for (const [name, value] of entries) map[name] = value
  return map
}
