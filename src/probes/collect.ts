// SPDX-License-Identifier: Apache-2.0
import {componentOf} from '../components/match.ts'
import type {Component} from '../model/component.ts'
import type {
  ContainerdFacts, CrioFacts, CriEndpointFacts, CrictlConfig, DockerFacts, Facts, KubeletFacts, Process, ProcessDetail, Setting, UnitFacts,
} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, type Observed, valueOf} from '../model/observed.ts'
import {probeBundles} from './bundles.ts'
import {probeCni} from './cni.ts'
import {probeConmons} from './conmon.ts'
import {probeContainerd} from './containerd.ts'
import {type CriCandidate, probeCriEndpoints} from './cri-endpoints.ts'
import {probeCrictl} from './crictl.ts'
import {probeCrio} from './crio.ts'
import {probeDockerApi} from './docker-api.ts'
import {probeDockerConfig} from './docker-config.ts'
import {canReadContainers, probeDockerContainers} from './docker-disk.ts'
import {probeKubelets} from './kubelet.ts'
import {probeMachine} from './machine.ts'
import {probeDaemonVersion, probeRuntimeVersion} from './program-versions.ts'
import {type DetailLevel, probeProcessDetail, probeProcesses} from './processes.ts'
import {findNested} from './scopes.ts'
import {askSs, probeSockets, WELL_KNOWN_SOCKETS} from './sockets.ts'
import {probeUnits} from './units.ts'

const KUBELETS = ['kubelet', 'k3s', 'rke2', 'k0s', 'MicroK8s', 'hyperkube']
const CONTAINERDS = ['containerd', 'docker-containerd', 'firecracker-containerd']
const UNITS = [
  'kubelet.service', 'docker.service', 'docker.socket', 'containerd.service', 'crio.service', 'cri-docker.service', 'cri-docker.socket',
  'k3s.service', 'k3s-agent.service', 'rke2-server.service', 'rke2-agent.service', 'k0scontroller.service', 'k0sworker.service',
  'snap.microk8s.daemon-kubelite.service', 'snap.microk8s.daemon-containerd.service',
]

/** A process that is a component, and which. */
interface Member {
  readonly process: Process
  readonly component: Component
}

/** The host itself, or a nested machine seen through the root directory of its first process. */
interface Place {
  readonly inside: number | undefined
  readonly view: Host
  readonly members: readonly Member[]
}

/** Reads everything that the chain is built from. What cannot be read is in the facts as such; only a bug throws. */
export async function collectFacts(host: Host): Promise<Facts> {
  const machine = await probeMachine(host)
  const connections = askSs(host)
  const {all, hidden} = await probeProcesses(host)
  const processes = valueOf(all) ?? []
  const members = membersOf(processes)
  const details = readDetails(host, processes, members)
  const inside = findNested(host, new Map(processes.map((process) => [process.pid, process])), details)
  const places = placesOf(host, members, inside)
  const crictl = probeCrictl(host)
  const daemons = await Promise.all(places.map((place) => readDaemons(place, details)))
  const configured = configuredSockets(daemons.filter((_, index) => places[index]?.inside === undefined), crictl)
  // Before the daemons are asked: rtctl's own connections are nobody's business.
  const sockets = await probeSockets(host, {processes, details, inside, configured, reader: valueOf(machine.reader)?.pid}, connections)
  // The daemons are at their answers while the rest is read.
  const answers = Promise.all(places.map((place, index) => askPlace(place, daemons[index] as Daemons, crictl)))
  const onDisk = await Promise.all(places.map(({view}, index) => readContainers(view, daemons[index] as Daemons)))
  const asked = await answers
  const read = onDisk.map((facts, index) => withAnswers(facts, asked[index] as Answers))
  addWrittenPids(host, processes, details, read[0])
  const programs = await askPrograms(host, read[0] as PlaceFacts)
  return {
    machine,
    processes: {all, ...(hidden && {hidden}), details: Object.fromEntries(details), inside},
    sockets,
    kubelets: read.flatMap((facts) => facts.kubelets),
    dockers: read.flatMap((facts) => facts.dockers),
    containerds: read.flatMap((facts) => facts.containerds),
    crios: read.flatMap((facts) => facts.crios),
    criEndpoints: read.flatMap((facts) => facts.criEndpoints),
    conmons: probeConmons(members.filter(({component}) => component.name.startsWith('conmon')).map(({process}) => process)),
    units: read[0]?.units ?? [],
    programs,
    crictl,
    cni: probeCni(host, cniDirectories(read[0])),
  }
}

/** Who may answer the CRI on the host itself, before anybody is asked. */
export interface CriCandidates {
  /** endpoints of running kubelets, the one in force first: the rest is for their next start */
  readonly kubelets: readonly {readonly pid: number; readonly endpoint: Setting}[]
  /** every socket where a runtime may answer; those of kubelets too */
  readonly candidates: readonly CriCandidate[]
  /** containerds that run without their CRI plugin, or for Docker alone: whoever is asked for has to hear of that */
  readonly withoutCri: readonly CriCandidate[]
}

/** Reads only what tells where the runtimes of the host listen: a small part of `collectFacts`, for who waits for an answer. */
export async function findCriCandidates(host: Host): Promise<CriCandidates> {
  const processes = valueOf((await probeProcesses(host)).all) ?? []
  const members = membersOf(processes).filter(({component}) => isDaemon(component))
  const details = new Map(members.map(({process: {pid}, component}) => [pid, probeProcessDetail(host, pid, levelOf(component))]))
  const inside = findNested(host, new Map(processes.map((process) => [process.pid, process])), details)
  const place: Place = {inside: undefined, view: host, members: members.filter(({process}) => inside[process.pid] === undefined)}
  const daemons = await readDaemons(place, details)
  const candidates = criCandidates(place, daemons, undefined)
  const known = new Set(candidates.map(({address}) => address))
  return {
    kubelets: daemons.kubelets.flatMap(({pid, endpoints: [endpoint]}) => (pid === undefined || endpoint === undefined ? [] : [{pid, endpoint}])),
    candidates,
    withoutCri: daemons.containerds
      .filter(({pid, address}) => pid !== undefined && !known.has(sameAddress(address.value)))
      .map(({pid, address}) => ({address: sameAddress(address.value), reasons: [`containerd, pid ${pid}`]})),
  }
}

/**
 * Reads only who is connected to the sockets of runtimes: a small part of `collectFacts`, for who looks again and again. Every
 * client's details are read, so that its cgroup tells its container although no engine is asked.
 */
export async function collectConnections(host: Host): Promise<Facts> {
  const connections = askSs(host)
  const [machine, {all}] = await Promise.all([probeMachine(host), probeProcesses(host)])
  const processes = valueOf(all) ?? []
  const members = membersOf(processes)
  const details = readDetails(host, processes, members)
  const inside = findNested(host, new Map(processes.map((process) => [process.pid, process])), details)
  const sockets = await probeSockets(host, {processes, details, inside, configured: [], reader: valueOf(machine.reader)?.pid}, connections)
  for (const pid of new Set(Object.values(sockets.owners).flat())) if (!details.has(pid)) details.set(pid, probeProcessDetail(host, pid, 'container'))
  return {
    machine, processes: {all, details: Object.fromEntries(details), inside}, sockets, kubelets: [], dockers: [], containerds: [], crios: [],
    criEndpoints: [], conmons: [], units: [], programs: {}, crictl: absent('/etc/crictl.yaml'), cni: probeCni(host, []),
  }
}

// ---------------------------------------------------------------- processes

function membersOf(processes: readonly Process[]): readonly Member[] {
  return processes.flatMap((process): readonly Member[] => {
    const component = componentOf(process)
    return component ? [{process, component}] : []
  })
}

function readDetails(host: Host, processes: readonly Process[], members: readonly Member[]): Map<number, ProcessDetail> {
  const details = new Map<number, ProcessDetail>()
  const parents = new Set<number>()
  for (const {process, component} of members) {
    // Up to Docker 1.10 containers are children of dockerd itself.
    if (component.layer === 'shim' || component.name === 'dockerd') parents.add(process.pid)
    details.set(process.pid, probeProcessDetail(host, process.pid, levelOf(component)))
  }
  for (const {pid, ppid} of processes) {
    if (parents.has(ppid) && !details.has(pid)) details.set(pid, probeProcessDetail(host, pid, 'container'))
  }
  return details
}

/** What engines wrote down as a container's first process, and has no shim any more: its cgroup tells whether it is one still. */
function addWrittenPids(host: Host, processes: readonly Process[], details: Map<number, ProcessDetail>, facts: PlaceFacts | undefined): void {
  const written = new Set([
    ...(facts?.dockers ?? []).flatMap(({containers}) => (valueOf(containers) ?? []).flatMap(({pid}) => pid ?? [])),
    ...[...(facts?.containerds ?? []), ...(facts?.crios ?? [])].flatMap(({bundles}) => (valueOf(bundles) ?? []).flatMap(({pid}) => pid ?? [])),
  ])
  for (const {pid} of processes) if (written.has(pid) && !details.has(pid)) details.set(pid, probeProcessDetail(host, pid, 'container'))
}

function levelOf(component: Component): DetailLevel {
  if (component.layer === 'shim') return 'shim'
  return component.layer === 'sandbox' || component.layer === 'process' || component.layer === 'oci' ? 'container' : 'daemon'
}

// ---------------------------------------------------------------- places

function placesOf(host: Host, members: readonly Member[], inside: Readonly<Record<number, number>>): readonly Place[] {
  const groups = Map.groupBy(members, ({process}) => inside[process.pid])
  const nested = [...groups].filter(([first, those]) => first !== undefined && those.some(({component}) => isDaemon(component)))
  return [
    {inside: undefined, view: host, members: groups.get(undefined) ?? []},
    ...nested.map(([first, those]) => ({inside: first, view: host.within(`/proc/${first}/root`), members: those})),
  ]
}

/** What makes a container a machine of its own: something in it that runs containers. */
function isDaemon({layer, role}: Component): boolean {
  return (layer === 'orchestration' || layer === 'cri' || layer === 'engine') && role !== 'client' && role !== 'helper'
}

/** What has to be known of the daemons of a place before they are asked. */
interface Daemons {
  readonly kubelets: readonly KubeletFacts[]
  readonly dockers: readonly Omit<DockerFacts, 'api' | 'containers'>[]
  readonly containerds: readonly Omit<ContainerdFacts, 'bundles'>[]
  readonly crios: readonly CrioFacts[]
  readonly units: readonly UnitFacts[]
}

/** The same with the containers that lie on disk. */
interface OnDisk extends Daemons {
  readonly dockers: readonly Omit<DockerFacts, 'api'>[]
  readonly containerds: readonly ContainerdFacts[]
}

/** The same with the answers of the daemons. */
interface PlaceFacts extends OnDisk {
  readonly dockers: readonly DockerFacts[]
  readonly criEndpoints: readonly CriEndpointFacts[]
}

async function readDaemons({inside, view, members}: Place, details: ReadonlyMap<number, ProcessDetail>): Promise<Daemons> {
  const named = (names: readonly string[]) => members.filter(({component}) => names.includes(component.name)).map(({process}) => process)
  const units = probeUnits(view, UNITS)
  const kubelets = await probeKubelets(view, named(KUBELETS), units)
  // What does not run is looked for on the host only: a nested machine is known by what runs in it.
  const orOnDisk = (found: readonly Process[]): readonly (Process | undefined)[] =>
    found.length > 0 || inside !== undefined ? found : [undefined]
  const dockers = orOnDisk(named(['dockerd']).filter((process) => !isChildOfSame(process, members)))
    .flatMap((process) => probeDockerConfig(view, process, units) ?? [])
  const crios = orOnDisk(named(['CRI-O'])).flatMap((process) => probeCrio(view, process, units) ?? [])
  return {kubelets, dockers, containerds: readContainerds(view, named(CONTAINERDS), shimsOf(members, details), inside), crios, units}
}

async function readContainers(view: Host, daemons: Daemons): Promise<OnDisk> {
  const [dockers, containerds] = await Promise.all([
    Promise.all(daemons.dockers.map(async (one) => ({...one, containers: await probeDockerContainers(view, one.dataRoot.value)}))),
    Promise.all(daemons.containerds.map(async (one) => ({...one, bundles: await probeBundles(view, one.state.value)}))),
  ])
  return {...daemons, dockers, containerds}
}

function withAnswers(facts: OnDisk, {dockers, criEndpoints}: Answers): PlaceFacts {
  return {...facts, dockers: facts.dockers.map((docker, index) => ({...docker, api: dockers[index] as DockerFacts['api']})), criEndpoints}
}

/** A dockerd that dockerd itself started (a re-exec, shortly) is not another engine. */
function isChildOfSame(process: Process, members: readonly Member[]): boolean {
  return members.some((member) => member.process.pid === process.ppid && member.component.name === 'dockerd')
}

/** The running ones, then those that are gone but whose shims still name their socket, then the one that only lies on disk. */
function readContainerds(view: Host, running: readonly Process[], shims: readonly Shim[], inside: number | undefined): Daemons['containerds'] {
  const alive = running.flatMap((process) => probeContainerd(view, process) ?? [])
  const known = new Set(alive.map(({address}) => sameAddress(address.value)))
  const orphaned = Map.groupBy(shims.filter(({address}) => !known.has(sameAddress(address))), ({address}) => address)
  const gone = [...orphaned].flatMap(([address, those]) => {
    const directories = new Map(those.flatMap(({pid, directory}) => (directory === undefined ? [] : [[pid, directory] as const])))
    return probeContainerd(view, undefined, {address, directories}) ?? []
  })
  if (alive.length + gone.length > 0 || inside !== undefined) return [...alive, ...gone]
  const onDisk = probeContainerd(view, undefined)
  return onDisk ? [onDisk] : []
}

/** A shim that says which containerd it belongs to. */
interface Shim {
  readonly pid: number
  readonly address: string
  readonly directory: string | undefined
}

function shimsOf(members: readonly Member[], details: ReadonlyMap<number, ProcessDetail>): readonly Shim[] {
  return members.filter(({component}) => component.layer === 'shim').flatMap(({process: {pid, argv}}) => {
    const index = argv.findIndex((word) => word === '-address' || word === '--address')
    const address = index < 0 ? undefined : argv[index + 1]
    return address === undefined ? [] : [{pid, address, directory: valueOf(details.get(pid)?.cwd)}]
  })
}

function sameAddress(address: string): string {
  return address.replace(/^\/var\/run\//, '/run/')
}

function cniDirectories(facts: PlaceFacts | undefined): readonly string[] {
  const said = [
    ...(facts?.containerds ?? []).flatMap(({config}) => valueOf(config)?.cniDirectory ?? []),
    ...(facts?.crios ?? []).flatMap(({cniDirectory}) => cniDirectory?.value ?? []),
  ]
  return [...new Set([...said, '/etc/cni/net.d'])]
}

function configuredSockets(host: readonly Daemons[], crictl: Observed<CrictlConfig>): readonly string[] {
  const endpoints = host.flatMap(({kubelets, dockers, containerds, crios}) => [
    ...kubelets.flatMap((kubelet) => kubelet.endpoints.map(({value}) => value)),
    ...dockers.flatMap((docker) => [...docker.hosts.map(({value}) => value), docker.containerdAddress?.value ?? '']),
    ...containerds.map(({address}) => address.value),
    ...crios.map(({address}) => address.value),
  ])
  const tools = valueOf(crictl)
  return [...endpoints, tools?.runtimeEndpoint ?? '', tools?.imageEndpoint ?? ''].flatMap((endpoint) => unixPath(endpoint) ?? [])
}

function unixPath(endpoint: string): string | undefined {
  return /^(?:unix:\/\/)?(\/[^\0]*)$/.exec(endpoint)?.[1]
}

// ---------------------------------------------------------------- daemons

interface Answers {
  /** in the order of the daemons */
  readonly dockers: readonly DockerFacts['api'][]
  readonly criEndpoints: readonly CriEndpointFacts[]
}

/** Asks the daemons of one place what only they know, all at once: one that hangs holds up nobody. */
async function askPlace(place: Place, facts: Daemons, crictl: Observed<CrictlConfig>): Promise<Answers> {
  const [dockers, criEndpoints] = await Promise.all([
    Promise.all(facts.dockers.map((docker) => askDocker(place.view, docker))),
    probeCriEndpoints(place.view, criCandidates(place, facts, place.inside === undefined ? valueOf(crictl) : undefined)),
  ])
  return {dockers, criEndpoints}
}

async function askDocker(view: Host, docker: Daemons['dockers'][number]): Promise<DockerFacts['api']> {
  const socket = docker.hosts.flatMap(({value}) => unixPath(value) ?? [])[0] ?? '/var/run/docker.sock'
  return probeDockerApi(view, socket, {containers: !canReadContainers(view, docker.dataRoot.value)})
}

/** Asks the programs of the host for the versions that no daemon told. */
async function askPrograms(host: Host, {dockers, criEndpoints, containerds, crios}: PlaceFacts): Promise<Facts['programs']> {
  const answers = dockers.flatMap(({api}) => valueOf(api) ?? [])
  const parts = new Set(answers.flatMap(({components}) => Object.keys(components)))
  const answered = new Set(criEndpoints.flatMap(({address, answer}) => (valueOf(answer)?.apiVersions.length ? [address] : [])))
  const daemons = [
    ...dockers.filter(({api}) => api.state !== 'ok').map(({pid}) => pid),
    ...containerds.filter(({address}) => !answered.has(sameAddress(address.value)) && !isToldByDocker(dockers, address.value)).map(({pid}) => pid),
    ...crios.filter(({address}) => !answered.has(sameAddress(address.value))).map(({pid}) => pid),
  ].filter((pid) => pid !== undefined)
  const used = containerds.flatMap(({bundles}) => valueOf(bundles) ?? []).flatMap(({runtimeState}) => runtimeState?.runtime ?? [])
  const runtimes = [...new Set(used)].filter((name) => !parts.has(name))
  const rows = await Promise.all([
    ...daemons.map(async (pid) => [`pid ${pid}`, await probeDaemonVersion(host, pid)] as const),
    ...runtimes.map(async (name) => [name, await probeRuntimeVersion(host, name)] as const),
  ])
  return Object.fromEntries(rows)
}

/** A dockerd tells the version of the containerd it uses; where nothing says which that is, it may be any. */
function isToldByDocker(dockers: readonly DockerFacts[], address: string): boolean {
  return dockers.some(({api, containerdAddress = {value: address}}) =>
    valueOf(api)?.components['containerd'] !== undefined && sameAddress(containerdAddress.value) === sameAddress(address))
}

/** Whether a dockerd runs that uses this containerd, or may: Docker's own child. */
function isForDocker({dockers}: Daemons, address: string): boolean {
  return dockers.some(({pid, containerdAddress = {value: address}}) => pid !== undefined && sameAddress(containerdAddress.value) === sameAddress(address))
}

/** A pod sandbox has a folder as long as it is known, running or not (containerd, getSandboxRootDir), and a bundle while it runs. */
function mayHavePods(view: Host, {root, state}: Daemons['containerds'][number]): boolean {
  return [`${root.value}/io.containerd.grpc.v1.cri/sandboxes`, `${state.value}/io.containerd.runtime.v2.task/k8s.io`].some((directory) => {
    const names = view.entries(directory)
    return names.state === 'unreadable' || (names.state === 'ok' && names.value.length > 0)
  })
}

/**
 * Where a CRI runtime may answer: what someone is configured to use, what a running CRI daemon listens on, and the
 * well-known sockets that exist. A containerd is not asked where its configuration switches the CRI plugin off, nor where
 * it is there for Docker alone: nobody uses what it serves.
 */
function criCandidates(place: Place, facts: Daemons, crictl: CrictlConfig | undefined): readonly CriCandidate[] {
  const reasons = new Map<string, string[]>()
  const add = (endpoint: string | undefined, reason: string) => {
    const path = endpoint === undefined ? undefined : unixPath(endpoint)
    if (path === undefined) return
    const key = sameAddress(path)
    reasons.set(key, [...(reasons.get(key) ?? []), reason])
  }
  for (const {endpoints} of facts.kubelets) for (const {value, source} of endpoints) add(value, `kubelet: ${source}`)
  add(crictl?.runtimeEndpoint, '/etc/crictl.yaml')
  for (const containerd of facts.containerds) {
    const {pid, address, config} = containerd
    if (pid !== undefined && valueOf(config)?.criDisabled !== true && (!isForDocker(facts, address.value) || mayHavePods(place.view, containerd))) add(address.value, `containerd, pid ${pid}`)
  }
  for (const {pid, address} of facts.crios) if (pid !== undefined) add(address.value, `CRI-O, pid ${pid}`)
  for (const path of WELL_KNOWN_SOCKETS) {
    if (/(?:crio|cri-dockerd|dockershim|cri-containerd|frakti)\.sock$/.test(path) && place.view.stat(path).state === 'ok') add(path, 'the socket is there')
  }
  return [...reasons].map(([address, why]) => ({address, reasons: why, ...(place.inside === undefined ? {} : {inside: place.inside})}))
}
