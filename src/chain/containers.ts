// SPDX-License-Identifier: Apache-2.0
import type {Container, Evidence} from '../model/chain.ts'
import type {Bundle, ConmonFacts, ContainerdFacts, ContainerState, CriEndpointFacts, CrioFacts, DockerContainer, DockerFacts, Process} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {cgroupOf, idFromCgroups, podUid} from './cgroup.ts'
import {ociRuntimeOfShim, readShimArgv, type ShimArgv} from './shim-argv.ts'
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
    const key = `${place ?? 'host'} ${id}${isUnique(id) ? '' : ` ${JSON.stringify(owner)}`}`
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
  addChildrenOfDocker(world, entries, open)
  for (const endpoint of world.facts.criEndpoints) addCriAnswer(world, endpoint, entries, open)
  shareLogFolders(entries)
  return [...entries.values()].map((entry) => finish(world, entry))
}

/** Engines make ids of 64 digits that nobody else has; `ctr` and nerdctl take any name, once in each namespace. */
function isUnique(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id)
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
  const machines = machineShims(world)
  for (const bundle of valueOf(containerd.bundles) ?? []) {
    const owner = ownerInContainerd(world, place, canonical(containerd.address.value), bundle.namespace)
    const {draft} = open(bundle.id, place, owner)
    if (draft.engine === 'other') draft.engine = bundle.namespace === 'moby' ? 'docker' : 'containerd'
    draft.engineNamespace = bundle.namespace
    describeBundle(draft, bundle)
    if (bundle.pid !== undefined) claimPid(world, draft, place, bundle.pid)
    // A bundle lives exactly as long as its task: containerd removes it when the task is deleted.
    if (draft.pid === undefined) {
      const shimPid = machines.get(bundle.id) ?? machines.get(bundle.annotations['io.kubernetes.cri.sandbox-id'] ?? '')
      if (shimPid !== undefined) draft.shimPid = shimPid
    }
    if (draft.state === 'unknown') draft.state = draft.pid === undefined && draft.shimPid === undefined ? 'exited' : 'running'
  }
}

/** containerd keeps Docker's containers in the namespace `moby`: they are Docker's as long as a dockerd of that place runs. */
function ownerInContainerd(world: World, place: Place, address: string, namespace: string): Owner {
  const index = namespace === 'moby' ? world.facts.dockers.findIndex((docker) => usesContainerd(world, docker, place, address)) : -1
  return index >= 0 ? {kind: 'docker', index} : {kind: 'containerd', address, namespace}
}

/** Whose a shim is, by what it was told: in Docker 1.11 to 17.11 it was told no daemon, for there was only one. */
function ownerOfShim(world: World, place: Place, {address, namespace = ''}: ShimArgv): Owner {
  if (address !== undefined) return ownerInContainerd(world, place, canonical(address), namespace)
  const index = world.facts.dockers.findIndex(({pid}) => pid !== undefined && world.inside(pid) === place)
  return index < 0 ? {kind: 'unknown'} : {kind: 'docker', index}
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
  } else if (bundle.runtimeBinary) {
    const {value, source} = bundle.runtimeBinary
    draft.runtime ??= {name: value.split('/').at(-1) ?? value, evidence: {kind: 'disk', source, text: `the shim was told to run ${value}`}}
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
  const owner = ownerOfMonitor(world, conmon)
  const {draft} = open(conmon.id, place, owner)
  if (draft.engine === 'other' && owner.kind !== 'unknown') draft.engine = owner.kind
  if (conmon.name !== undefined) draft.name ??= conmon.name
  if (conmon.logPath !== undefined) draft.log ??= {driver: owner.kind === 'cri-o' ? 'cri' : 'k8s-file', path: conmon.logPath}
  draft.shimPid = conmon.pid
  const evidence: Evidence = {kind: 'argv', source: `argv of pid ${conmon.pid}`, text: `conmon -c ${conmon.id}`}
  draft.evidence.push(evidence)
  if (conmon.runtime !== undefined) draft.runtime = {name: conmon.runtime.split('/').at(-1) ?? conmon.runtime, evidence}
  const [child] = firstProcesses(world, conmon.pid)
  if (child) Object.assign(draft, {pid: child.pid, state: 'running'})
}

/** Whose a conmon is; one that does not say belongs to the CRI-O of its machine, if there is one. */
function ownerOfMonitor(world: World, {pid, owner}: ConmonFacts): Owner {
  if (owner === 'podman') return {kind: 'podman'}
  const place = world.inside(pid)
  const running = world.facts.crios.findIndex((crio) => crio.pid !== undefined && world.inside(crio.pid) === place)
  const index = running >= 0 || owner === 'unknown' ? running : world.facts.crios.findIndex((crio) => world.inside(crio.pid) === place)
  return index >= 0 || owner === 'cri-o' ? {kind: 'cri-o', index} : {kind: 'unknown'}
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
  if (!process || !mayBeFirst(world, process, draft)) return
  draft.pid = process.pid
  if (isShim(world, process.ppid)) draft.shimPid = process.ppid
}

/**
 * Pids are used again: what is written after a crash or a reboot may be anyone's now. A container's first process is in
 * a cgroup of its id, or below a shim (below dockerd itself, up to 1.10) that is not another container's.
 */
function mayBeFirst(world: World, process: Process, {id, engine}: Draft): boolean {
  const cgroups = valueOf(world.facts.processes.details[process.pid]?.cgroups)
  if (cgroups?.some(({path}) => path.includes(id))) return true
  if (isShim(world, process.ppid)) {
    // With containerd, and so with CRI, one shim may serve a whole pod; Docker's shims serve one container each.
    const shimId = readShimArgv(world.processes.get(process.ppid)?.argv ?? []).id
    return engine !== 'docker' || shimId === undefined || shimId === id
  }
  return cgroups === undefined || world.components.get(process.ppid)?.name === 'dockerd'
}

/**
 * Containers that only their processes tell of: the daemon's files could not be read, or are gone. The id is in the
 * cgroup, or for the first container of a shim in the shim's argv or working directory.
 */
function addBareShims(world: World, entries: ReadonlyMap<string, Entry>, open: Open): void {
  const monitors = new Map(world.facts.conmons.map((one) => [one.pid, one]))
  const claimed = new Set([...entries.values()].flatMap(({draft}) => draft.pid ?? []))
  for (const [pid, component] of world.components) {
    if (component.layer !== 'shim' || component.name === 'conmon') continue
    const shim = readShimArgv(world.processes.get(pid)?.argv ?? [])
    const monitor = monitors.get(pid)
    const owner = monitor ? ownerOfMonitor(world, monitor) : ownerOfShim(world, world.inside(pid), shim)
    const first = firstProcesses(world, pid)
    for (const child of first) {
      if (claimed.has(child.pid)) continue
      const id = idFromCgroups(valueOf(world.facts.processes.details[child.pid]?.cgroups) ?? []) ?? bundleId(world, pid, shim)
      if (id !== undefined) addBare(world, open(id, world.inside(pid), owner), {pid: child.pid, shimPid: pid}, shim)
    }
    const id = first.length === 0 && holdsMachine(world, pid) ? bundleId(world, pid, shim) : undefined
    if (id !== undefined) addBare(world, open(id, world.inside(pid), owner), {shimPid: pid}, shim)
  }
}

function addBare(world: World, {draft, owner}: Entry, running: {readonly pid?: number; readonly shimPid?: number}, shim: ShimArgv): void {
  if (draft.pid !== undefined || (running.pid === undefined && draft.shimPid !== undefined)) return
  Object.assign(draft, running, {state: 'running'})
  if (draft.engine === 'other' && owner.kind !== 'unknown') draft.engine = owner.kind
  if (shim.namespace !== undefined) draft.engineNamespace = shim.namespace
  const program = running.pid === undefined ? undefined : world.components.get(running.pid)?.name
  // In a pod of virtual machines and of gVisor the machine is the sandbox; in Docker it is the container itself.
  if (program === 'pause container' || (shim.namespace === CRI_NAMESPACE && (program === undefined ? running.pid === undefined : program === 'runsc-sandbox'))) draft.kind = 'sandbox'
}

/** Up to 1.10 dockerd was the parent of its containers. */
function addChildrenOfDocker(world: World, entries: ReadonlyMap<string, Entry>, open: Open): void {
  const claimed = new Set([...entries.values()].flatMap(({draft}) => draft.pid ?? []))
  world.facts.dockers.forEach(({pid}, index) => {
    if (pid === undefined) return
    const cgroupId = (one: number) => idFromCgroups(valueOf(world.facts.processes.details[one]?.cgroups) ?? [])
    for (const child of firstProcesses(world, pid)) {
      const id = cgroupId(child.pid)
      // A containerd of dockerd's own is in the group of dockerd, which may be in a container itself.
      if (id !== undefined && id !== cgroupId(pid) && !claimed.has(child.pid)) addBare(world, open(id, world.inside(pid), {kind: 'docker', index}), {pid: child.pid}, {})
    }
  })
}

/** The id in a shim's argv; else that of the bundle it stands in (shims v2 are started there). */
function bundleId(world: World, pid: number, shim: ShimArgv): string | undefined {
  const cwd = valueOf(world.facts.processes.details[pid]?.cwd)
  return shim.id ?? /\/io\.containerd\.runtime\.v[12]\.[a-z]+\/[^/]+\/([^/]+)$/.exec(cwd ?? '')?.[1]
}

/** The first processes of containers below a shim; where an OCI runtime is at work right now, also those below that. */
function firstProcesses(world: World, parent: number): readonly Process[] {
  const children = world.children.get(parent) ?? []
  const runtimes = children.filter(({pid}) => world.components.get(pid)?.layer === 'oci')
  return [...children, ...runtimes.flatMap(({pid}) => world.children.get(pid) ?? [])].filter((process) => !isHelper(world, process))
}

/** A process below a shim that belongs to the runtime, not to the container: gofers, virtual machine monitors, file servers. */
function isHelper(world: World, {pid}: Process): boolean {
  const component = world.components.get(pid)
  if (component === undefined) return false
  return component.layer === 'oci' || component.role === 'vmm' || HELPERS.has(component.name)
}

const HELPERS = new Set(['runsc-gofer', 'virtiofsd', 'kata-proxy', 'cc-proxy', 'docker-proxy'])
const MACHINE_SHIMS = new Set(['containerd-shim-kata-v2', 'containerd-shim-aws-firecracker'])

/** Whether a shim keeps its containers in a virtual machine, where no process of theirs can be seen. */
function holdsMachine(world: World, pid: number): boolean {
  return MACHINE_SHIMS.has(world.components.get(pid)?.name ?? '') || (world.children.get(pid) ?? []).some((child) => world.components.get(child.pid)?.role === 'vmm')
}

/** Shims of virtual machines by the id they were started with. */
function machineShims(world: World): ReadonlyMap<string, number> {
  return new Map([...world.components.keys()].flatMap((pid) => {
    const id = isShim(world, pid) && holdsMachine(world, pid) ? bundleId(world, pid, readShimArgv(world.processes.get(pid)?.argv ?? [])) : undefined
    return id === undefined ? [] : [[id, pid] as const]
  }))
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
  const isAlive = draft.state === 'running' || draft.state === 'paused'
  const canTell = world.facts.processes.all.state === 'ok' && world.facts.processes.hidden === undefined && world.processes.size > 0
  if (isAlive && !process && draft.shimPid === undefined && canTell) {
    draft.state = 'exited'
    draft.evidence.push({kind: 'missing', source: '/proc', text: 'the files say it runs, but its first process is gone'})
  }
  if (draft.state === 'exited' || draft.state === 'created') {
    delete draft.pid
    delete draft.shimPid
  }
  if (process && draft.pid !== undefined) describeProcess(world, draft, process)
  const runtime = draft.runtime ?? runtimeOf(world, draft)
  if (runtime !== undefined) draft.runtime = runtime
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
  }
}

/** Which OCI runtime started it, where the disk does not say: its own process tells, or its shim. */
function runtimeOf(world: World, {pid, shimPid}: Draft): Container['runtime'] {
  if (pid !== undefined && world.components.get(pid)?.name === 'runsc-sandbox') {
    return {name: 'runsc', evidence: {kind: 'process', pid, text: 'runsc-sandbox is the kernel of gVisor'}}
  }
  if (shimPid === undefined) return undefined
  const argv = world.processes.get(shimPid)?.argv ?? []
  const told = readShimArgv(argv).runtime ?? world.facts.conmons.find((one) => one.pid === shimPid)?.runtime?.split('/').at(-1)
  if (told !== undefined) return {name: told, evidence: {kind: 'argv', source: `argv of pid ${shimPid}`, text: `told to run ${told}`}}
  const name = world.components.get(shimPid)?.name ?? ''
  const usual = ociRuntimeOfShim(name)
  return usual === undefined ? undefined : {name: usual, evidence: {kind: 'process', pid: shimPid, text: `${name} runs ${usual} unless told otherwise`}}
}
