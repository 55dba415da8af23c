// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {idFromCgroups} from '../cgroup.ts'
import {readShimArgv, type ShimArgv} from '../shim-argv.ts'
import type {World} from '../world.ts'
import {ownerOfShim} from './containerd.ts'
import {ownerOfMonitor} from './crio.ts'
import {CRI_NAMESPACE, type Entry, type Open} from './entry.ts'
import {bundleId, firstProcesses, holdsMachine} from './first-process.ts'

/**
 * Containers that only their processes tell of: the daemon's files could not be read, or are gone. The id is in the
 * cgroup, or for the first container of a shim in the shim's argv or working directory.
 */
export function addBareShims(world: World, entries: ReadonlyMap<string, Entry>, open: Open): void {
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
export function addChildrenOfDocker(world: World, entries: ReadonlyMap<string, Entry>, open: Open): void {
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
