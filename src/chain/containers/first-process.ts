// SPDX-License-Identifier: Apache-2.0
import type {Process} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {readShimArgv, type ShimArgv} from '../shim-argv.ts'
import {isShim, type Place, type World} from '../world.ts'
import type {Draft} from './entry.ts'

/**
 * Takes a pid that a daemon wrote down for a container's first process, if that process runs. In a nested machine the
 * number is one of its own pid namespace.
 */
export function claimPid(world: World, draft: Draft, place: Place, written: number): void {
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

/** The first processes of containers below a shim; where an OCI runtime is at work right now, also those below that. */
export function firstProcesses(world: World, parent: number): readonly Process[] {
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
export function holdsMachine(world: World, pid: number): boolean {
  return MACHINE_SHIMS.has(world.components.get(pid)?.name ?? '') || (world.children.get(pid) ?? []).some((child) => world.components.get(child.pid)?.role === 'vmm')
}

/** Shims of virtual machines by the id they were started with. */
export function machineShims(world: World): ReadonlyMap<string, number> {
  return new Map([...world.components.keys()].flatMap((pid) => {
    const id = isShim(world, pid) && holdsMachine(world, pid) ? bundleId(world, pid, readShimArgv(world.processes.get(pid)?.argv ?? [])) : undefined
    return id === undefined ? [] : [[id, pid] as const]
  }))
}

/** The id in a shim's argv; else that of the bundle it stands in (shims v2 are started there). */
export function bundleId(world: World, pid: number, shim: ShimArgv): string | undefined {
  const cwd = valueOf(world.facts.processes.details[pid]?.cwd)
  return shim.id ?? /\/io\.containerd\.runtime\.v[12]\.[a-z]+\/[^/]+\/([^/]+)$/.exec(cwd ?? '')?.[1]
}
