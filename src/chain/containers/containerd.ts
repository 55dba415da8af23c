// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../../model/chain.ts'
import type {Bundle, ContainerdFacts, DockerFacts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import type {Owner} from '../placed-container.ts'
import type {ShimArgv} from '../shim-argv.ts'
import {canonical} from '../socket-index.ts'
import type {Place, World} from '../world.ts'
import {type Draft, type Entry, type Open, podOf} from './entry.ts'
import {claimPid, machineShims} from './first-process.ts'

/** The bundles of a containerd: one for each task there is. */
export function addContainerd(world: World, containerd: ContainerdFacts, open: Open): void {
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
export function ownerOfShim(world: World, place: Place, {address, namespace = ''}: ShimArgv): Owner {
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
export function shareLogFolders(entries: ReadonlyMap<string, Entry>): void {
  for (const {draft, place} of entries.values()) {
    if (draft.log?.driver !== 'cri' || draft.log.path !== undefined) continue
    const path = entries.get(`${place ?? 'host'} ${draft.pod?.sandboxId}`)?.draft.log?.path
    if (path !== undefined) draft.log = {driver: 'cri', path}
  }
}
