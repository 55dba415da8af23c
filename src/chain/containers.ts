// SPDX-License-Identifier: Apache-2.0
import type {Container, Evidence} from '../model/chain.ts'
import type {Bundle, ConmonFacts, ContainerdFacts, ContainerState, CriEndpointFacts, CrioFacts, DockerContainer, DockerFacts, Process} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {cgroupOf, idFromCgroups, podUid} from './cgroup.ts'
import {ociRuntimeOfShim, readShimArgv} from './shim-argv.ts'
import type {Owner, PlacedContainer} from './placed-container.ts'
import {canonical} from './socket-index.ts'
import {isShim, type Place, type World} from './world.ts'

type Draft = {-readonly [Key in keyof Container]: Container[Key]} & {evidence: Evidence[]}

interface Entry {
  readonly draft: Draft
  owner: Owner
  readonly place: Place
}

/**
 * Every container of the host, put together from what the engines keep on disk, what they answer, and the processes
 * that really run. One container has one entry, however many sources know it.
 */
export function collectContainers(world: World): readonly PlacedContainer[] {
  const entries = new Map<string, Entry>()
  const open = (id: string, place: Place, owner: Owner): Entry => {
    const key = `${place ?? 'host'} ${id}`
    const known = entries.get(key)
    if (known) return known
    const draft: Draft = {id, kind: 'container', engine: 'other', state: 'unknown', ports: [], evidence: []}
    const entry: Entry = {draft, owner, place}
    entries.set(key, entry)
    return entry
  }
  world.facts.dockers.forEach((docker, index) => addDocker(world, docker, index, open))
  for (const containerd of world.facts.containerds) addContainerd(world, containerd, open)
  world.facts.crios.forEach((crio, index) => addCrio(world, crio, index, open))
  for (const conmon of world.facts.conmons) addConmon(world, conmon, open)
  addBareShims(world, entries, open)
  for (const endpoint of world.facts.criEndpoints) addCriAnswer(world, endpoint, entries, open)
  shareLogFolders(entries)
  return [...entries.values()].map((entry) => finish(world, entry))
}

type Open = (id: string, place: Place, owner: Owner) => Entry

// ---------------------------------------------------------------- Docker

function addDocker(world: World, docker: DockerFacts, index: number, open: Open): void {
  const place = world.inside(docker.pid)
  const onDisk = valueOf(docker.containers)
  for (const row of onDisk ?? valueOf(docker.api)?.containers ?? []) {
    const {draft} = open(row.id, place, {kind: 'docker', index})
    describeDocker(draft, row)
    draft.evidence.push(
      onDisk
        ? {kind: 'disk', source: row.source, text: `Docker keeps container ${row.name}`}
        : {kind: 'reported', by: 'docker', source: row.source, text: `container ${row.name}, ${row.state}`},
    )
    if (row.pid && (row.state === 'running' || row.state === 'paused')) claimPid(world, draft, place, row.pid)
  }
}

function describeDocker(draft: Draft, row: DockerContainer): void {
  const {labels} = row
  const pod = labels['io.kubernetes.pod.name']
  Object.assign(draft, {engine: 'docker', engineNamespace: 'moby', state: row.state, ports: row.ports})
  draft.name = labels['io.kubernetes.container.name'] ?? row.name
  if (pod !== undefined) {
    const sandbox = labels['io.kubernetes.docker.type'] === 'podsandbox'
    if (sandbox) draft.kind = 'sandbox'
    draft.pod = podOf(pod, labels['io.kubernetes.pod.namespace'], labels['io.kubernetes.pod.uid'], sandbox ? row.id : labels['io.kubernetes.sandbox.id'])
  }
  if (row.image !== undefined) draft.image = row.image
  if (row.logDriver !== undefined) draft.log = {driver: row.logDriver, ...(row.logPath ? {path: row.logPath} : {})}
  if (row.runtime !== undefined) {
    draft.runtime = {name: plainRuntime(row.runtime), evidence: {kind: 'disk', source: row.source, text: `runtime ${row.runtime}`}}
  }
}

function podOf(name: string, namespace = '', uid?: string, sandboxId?: string): NonNullable<Container['pod']> {
  return {name, namespace, ...(uid ? {uid} : {}), ...(sandboxId ? {sandboxId} : {})}
}

/** Docker writes `io.containerd.runc.v2` for what everyone else calls runc. */
function plainRuntime(name: string): string {
  return /^io\.containerd\.([a-z-]+)\.v\d+$/.exec(name)?.[1] ?? name
}

// ---------------------------------------------------------------- containerd

function addContainerd(world: World, containerd: ContainerdFacts, open: Open): void {
  const place = world.inside(containerd.pid)
  for (const bundle of valueOf(containerd.bundles) ?? []) {
    const owner = ownerInContainerd(world, place, canonical(containerd.address.value), bundle.namespace)
    const {draft} = open(bundle.id, place, owner)
    if (draft.engine === 'other') draft.engine = owner.kind === 'docker' ? 'docker' : 'containerd'
    draft.engineNamespace = bundle.namespace
    describeBundle(draft, bundle)
    if (bundle.pid !== undefined) claimPid(world, draft, place, bundle.pid)
    // A bundle lives exactly as long as its task: containerd removes it when the task is deleted.
    if (draft.state === 'unknown') draft.state = draft.pid === undefined ? 'exited' : 'running'
  }
}

/** containerd keeps Docker's containers in the namespace `moby`: they are Docker's as long as a dockerd of that place runs. */
function ownerInContainerd(world: World, place: Place, address: string, namespace: string): Owner {
  const index = namespace === 'moby' ? world.facts.dockers.findIndex((docker) => usesContainerd(world, docker, place, address)) : -1
  return index >= 0 ? {kind: 'docker', index} : {kind: 'containerd', address, namespace}
}

function usesContainerd(world: World, {pid, containerdAddress}: DockerFacts, place: Place, address: string): boolean {
  if (pid === undefined || world.inside(pid) !== place) return false
  return containerdAddress === undefined || canonical(containerdAddress.value) === address
}

function describeBundle(draft: Draft, bundle: Bundle): void {
  const {annotations} = bundle
  draft.evidence.push({kind: 'disk', source: bundle.source, text: `bundle in namespace ${bundle.namespace}`})
  const pod = annotations['io.kubernetes.cri.sandbox-name']
  if (pod !== undefined) {
    draft.kind = annotations['io.kubernetes.cri.container-type'] === 'sandbox' ? 'sandbox' : 'container'
    draft.pod = podOf(
      pod,
      annotations['io.kubernetes.cri.sandbox-namespace'],
      annotations['io.kubernetes.cri.sandbox-uid'],
      annotations['io.kubernetes.cri.sandbox-id'],
    )
    draft.log = criLog(annotations)
  }
  const name = annotations['io.kubernetes.cri.container-name'] ?? annotations['nerdctl/name']
  const image = annotations['io.kubernetes.cri.image-name']
  if (name !== undefined) draft.name ??= name
  if (image !== undefined) draft.image ??= image
  if (bundle.cgroupsPath !== undefined) draft.cgroup ??= {path: bundle.cgroupsPath, driver: 'unknown'}
  if (bundle.runtimeState) {
    const {runtime, path} = bundle.runtimeState
    draft.runtime = {name: runtime, evidence: {kind: 'disk', source: path, text: `${runtime} keeps its state here`}}
  }
}

/** The kubelet tells the runtime a folder for the pod and a file name for each container; on disk only the folder is kept. */
function criLog(annotations: Readonly<Record<string, string>>): NonNullable<Container['log']> {
  const directory = annotations['io.kubernetes.cri.sandbox-log-directory']
  return {driver: 'cri', ...(directory ? {path: directory} : {})}
}

/** containerd writes the folder into the sandbox's bundle alone (until 1.7); the containers of the pod log below it. */
function shareLogFolders(entries: ReadonlyMap<string, Entry>): void {
  for (const {draft, place} of entries.values()) {
    if (draft.log?.driver !== 'cri' || draft.log.path !== undefined) continue
    const path = entries.get(`${place ?? 'host'} ${draft.pod?.sandboxId}`)?.draft.log?.path
    if (path !== undefined) draft.log = {driver: 'cri', path}
  }
}

// ---------------------------------------------------------------- CRI-O, podman

function addCrio(world: World, crio: CrioFacts, index: number, open: Open): void {
  const place = world.inside(crio.pid)
  for (const bundle of valueOf(crio.bundles) ?? []) {
    const {annotations} = bundle
    const entry = open(bundle.id, place, {kind: 'cri-o', index})
    const note = (key: string): string | undefined => annotations[`io.kubernetes.cri-o.${key}`]
    const sandbox = note('ContainerType') === 'sandbox'
    Object.assign(entry.draft, {engine: 'cri-o', kind: sandbox ? 'sandbox' : 'container'})
    const pod = annotations['io.kubernetes.pod.name'] ?? note('KubeName')
    if (pod !== undefined) {
      entry.draft.pod = podOf(pod, annotations['io.kubernetes.pod.namespace'] ?? note('Namespace'), annotations['io.kubernetes.pod.uid'], note('SandboxID'))
    }
    const name = annotations['io.kubernetes.container.name'] ?? note('Name')
    const image = note('ImageName')
    const log = note('LogPath')
    if (name !== undefined) entry.draft.name = name
    if (image !== undefined) entry.draft.image = image
    if (log !== undefined) entry.draft.log = {driver: 'cri', path: log}
    if (bundle.cgroupsPath !== undefined) entry.draft.cgroup = {path: bundle.cgroupsPath, driver: 'unknown'}
    if (bundle.pid !== undefined) claimPid(world, entry.draft, place, bundle.pid)
    entry.draft.state = entry.draft.pid === undefined ? 'exited' : 'running'
    entry.draft.evidence.push({kind: 'disk', source: bundle.source, text: 'CRI-O keeps its bundle here'})
  }
}

function addConmon(world: World, conmon: ConmonFacts, open: Open): void {
  if (conmon.id === undefined) return
  const place = world.inside(conmon.pid)
  const index = world.facts.crios.findIndex((crio) => world.inside(crio.pid) === place)
  const owner: Owner = conmon.owner === 'cri-o' ? {kind: 'cri-o', index} : conmon.owner === 'podman' ? {kind: 'podman'} : {kind: 'unknown'}
  const {draft} = open(conmon.id, place, owner)
  if (draft.engine === 'other' && conmon.owner !== 'unknown') draft.engine = conmon.owner
  if (conmon.name !== undefined) draft.name ??= conmon.name
  if (conmon.logPath !== undefined) draft.log ??= {driver: conmon.owner === 'cri-o' ? 'cri' : 'k8s-file', path: conmon.logPath}
  draft.shimPid = conmon.pid
  const evidence: Evidence = {kind: 'argv', source: `argv of pid ${conmon.pid}`, text: `conmon -c ${conmon.id}`}
  draft.evidence.push(evidence)
  if (conmon.runtime !== undefined) draft.runtime = {name: conmon.runtime.split('/').at(-1) ?? conmon.runtime, evidence}
  const child = world.children.get(conmon.pid)?.[0]
  if (child) Object.assign(draft, {pid: child.pid, state: 'running'})
}

// ---------------------------------------------------------------- processes

/**
 * Takes a pid that a daemon wrote down for a container's first process, if that process runs. In a nested machine the
 * number is one of its own pid namespace.
 */
function claimPid(world: World, draft: Draft, place: Place, written: number): void {
  if (draft.pid !== undefined) return
  const pid = place === undefined ? written : world.outerPid(place, written)
  const process = pid === undefined ? undefined : world.processes.get(pid)
  if (!process) return
  draft.pid = process.pid
  if (isShim(world, process.ppid)) draft.shimPid = process.ppid
}

/**
 * Containers that only their processes tell of: the daemon's files could not be read, or are gone. The id is in the
 * shim's argv, for the containers of a pod that share one shim in the cgroup.
 */
function addBareShims(world: World, entries: ReadonlyMap<string, Entry>, open: Open): void {
  const claimed = new Set([...entries.values()].flatMap(({draft}) => draft.pid ?? []))
  for (const [pid, component] of world.components) {
    if (component.layer !== 'shim' || component.name.startsWith('conmon')) continue
    const shim = readShimArgv(world.processes.get(pid)?.argv ?? [])
    const place = world.inside(pid)
    for (const child of world.children.get(pid) ?? []) {
      if (claimed.has(child.pid) || isHelper(world, child)) continue
      const id = idFromCgroups(valueOf(world.facts.processes.details[child.pid]?.cgroups) ?? []) ?? shim.id
      if (id === undefined) continue
      const owner: Owner =
        shim.address === undefined
          ? {kind: 'unknown'}
          : ownerInContainerd(world, place, canonical(shim.address), shim.namespace ?? '')
      const {draft} = open(id, place, owner)
      if (draft.pid !== undefined) continue
      Object.assign(draft, {pid: child.pid, shimPid: pid, state: 'running'})
      if (draft.engine === 'other') draft.engine = shim.namespace === 'moby' || shim.address === undefined ? 'docker' : 'containerd'
      if (shim.namespace !== undefined) draft.engineNamespace = shim.namespace
    }
  }
}

/** A shim's child that belongs to the runtime, not to the container: gofers, virtual machine monitors, file servers. */
function isHelper(world: World, process: Process): boolean {
  const component = world.components.get(process.pid)
  return component !== undefined && (component.layer === 'oci' || ['runsc-gofer', 'virtiofsd', 'kata-proxy'].includes(component.name))
}

// ---------------------------------------------------------------- CRI

/**
 * What the runtime says over CRI fills what the disk left open: names, images, states, and the containers that ended
 * or never started, of which containerd keeps no bundle.
 */
function addCriAnswer(world: World, endpoint: CriEndpointFacts, entries: ReadonlyMap<string, Entry>, open: Open): void {
  const answer = valueOf(endpoint.answer)
  if (!answer) return
  const place = endpoint.inside
  const pods = new Map(answer.pods.map((pod) => [pod.id, pod]))
  const source = `CRI of ${answer.runtimeName}`
  const draftOf = (id: string, state: ContainerState): Draft | undefined =>
    entries.get(`${place ?? 'host'} ${id}`)?.draft ?? openUnseen(world, endpoint, id, state, open)
  for (const pod of answer.pods) {
    const draft = draftOf(pod.id, pod.ready ? 'unknown' : 'exited')
    if (!draft) continue
    draft.kind = 'sandbox'
    draft.pod ??= podOf(pod.name, pod.namespace, pod.uid, pod.id)
    draft.evidence.push({kind: 'reported', by: 'cri', source, text: `pod sandbox ${pod.namespace}/${pod.name}, ${pod.ready ? 'ready' : 'not ready'}`})
  }
  for (const row of answer.containers) {
    const draft = draftOf(row.id, row.state === 'running' ? 'unknown' : row.state)
    if (!draft) continue
    const pod = pods.get(row.podSandboxId)
    if (pod) draft.pod ??= podOf(pod.name, pod.namespace, pod.uid, pod.id)
    draft.name ??= row.name
    draft.image ??= row.image
    draft.evidence.push({kind: 'reported', by: 'cri', source, text: `container ${row.name}, ${row.state}`})
  }
}

/** Below Docker the disk has told of every container already. What CRI calls running but the disk does not know is racing. */
function openUnseen(world: World, {address, inside}: CriEndpointFacts, id: string, state: ContainerState, open: Open): Draft | undefined {
  const path = canonical(address)
  if (!world.facts.containerds.some((one) => world.inside(one.pid) === inside && canonical(one.address.value) === path)) return undefined
  const {draft} = open(id, inside, {kind: 'containerd', address: path, namespace: CRI_NAMESPACE})
  return Object.assign(draft, {engine: 'containerd' as const, engineNamespace: CRI_NAMESPACE, state, log: {driver: 'cri'}})
}

/** The CRI plugin keeps everything of its own in this namespace of containerd (internal/cri/constants). */
const CRI_NAMESPACE = 'k8s.io'

// ---------------------------------------------------------------- the last look

function finish(world: World, {draft, owner, place}: Entry): PlacedContainer {
  const process = draft.pid === undefined ? undefined : world.processes.get(draft.pid)
  if (draft.state === 'running' && !process && world.facts.processes.all.state === 'ok' && world.processes.size > 0) {
    draft.state = 'exited'
    draft.evidence.push({kind: 'missing', source: '/proc', text: 'the files say it runs, but its first process is gone'})
  }
  if (draft.state === 'exited' || draft.state === 'created') {
    delete draft.pid
    delete draft.shimPid
  }
  if (process && draft.pid !== undefined) {
    describeProcess(world, draft, process)
  }
  if (place !== undefined) draft.inside = String(place)
  return {container: draft, owner, place}
}

function describeProcess(world: World, draft: Draft, process: Process): void {
  const cgroup = cgroupOf(valueOf(world.facts.processes.details[process.pid]?.cgroups) ?? [])
  if (cgroup) {
    draft.cgroup = cgroup
    draft.evidence.push({kind: 'cgroup', pid: process.pid, path: cgroup.path})
  }
  if (world.components.get(process.pid)?.name === 'docker-init') draft.init = process.argv[0]?.split('/').at(-1) ?? 'docker-init'
  const uid = draft.pod ? undefined : podUid(cgroup?.path)
  if (uid !== undefined) draft.pod = podOf(`uid ${uid}`, '?', uid)
  if (draft.shimPid !== undefined) {
    draft.evidence.push({kind: 'parent', pid: process.pid, ppid: process.ppid})
    const name = world.components.get(draft.shimPid)?.name
    const runtime = name === undefined ? undefined : ociRuntimeOfShim(name)
    if (runtime !== undefined) {
      draft.runtime ??= {name: runtime, evidence: {kind: 'process', pid: draft.shimPid, text: `${name} runs ${runtime} unless told otherwise`}}
    }
  }
}
