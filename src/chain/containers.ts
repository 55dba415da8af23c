// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../model/chain.ts'
import type {Process} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {cgroupOf, podUid} from './cgroup.ts'
import {addContainerd, shareLogFolders} from './containers/containerd.ts'
import {addCriAnswer} from './containers/cri.ts'
import {addConmon, addCrio} from './containers/crio.ts'
import {addDocker} from './containers/docker.ts'
import {type Draft, type Entry, podOf} from './containers/entry.ts'
import {addBareShims, addChildrenOfDocker} from './containers/bare-processes.ts'
import type {Owner, PlacedContainer} from './placed-container.ts'
import {ociRuntimeOfShim, readShimArgv} from './shim-argv.ts'
import type {Place, World} from './world.ts'

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
