// SPDX-License-Identifier: Apache-2.0
import type {Container, Orphan} from '../model/chain.ts'
import {type PlacedContainer, sameOwner} from './placed-container.ts'
import {plural} from './plural.ts'
import {readShimArgv} from './shim-argv.ts'
import {canonical} from './socket-index.ts'
import {isShim, type World} from './world.ts'

/**
 * What hangs loose. A shim outlives its daemon by design, so a container that nobody manages any more looks as alive
 * as any other: only the missing daemon above tells.
 *
 * @param unclaimed containers that no route took
 */
export function findOrphans(world: World, placed: readonly PlacedContainer[], unclaimed: readonly PlacedContainer[]): readonly Orphan[] {
  return [...shimsWithoutDaemon(world, placed), ...withoutRuntime(world, placed, unclaimed), ...podsTwice(placed), ...withoutShim(world, placed)]
}

/** Shims whose containerd (or crio) no longer runs. */
function shimsWithoutDaemon(world: World, placed: readonly PlacedContainer[]): readonly Orphan[] {
  const lost = new Map<string, number[]>()
  for (const [pid, component] of world.components) {
    if (component.layer !== 'shim') continue
    const daemon = missingDaemon(world, pid)
    if (daemon !== undefined) lost.set(daemon, [...(lost.get(daemon) ?? []), pid])
  }
  return [...lost].map(([daemon, pids]) => ({
    kind: 'shim-without-daemon',
    text: `${plural(pids.length, 'shim')} without ${daemon}`,
    pids,
    containers: idsOf(placed, ({shimPid}) => shimPid !== undefined && pids.includes(shimPid)),
    evidence: [
      {kind: 'process', pid: pids[0] ?? 0, text: world.processes.get(pids[0] ?? 0)?.argv[0] ?? 'shim'},
      {kind: 'missing', source: '/proc', text: daemon},
    ],
  }))
}

/** What a shim misses: `containerd at SOCKET`; undefined where its daemon runs, or it needs none (podman). */
function missingDaemon(world: World, pid: number): string | undefined {
  const place = world.inside(pid)
  const conmon = world.facts.conmons.find((one) => one.pid === pid)
  if (conmon) {
    const runs = world.facts.crios.some((crio) => crio.pid !== undefined && world.inside(crio.pid) === place)
    return conmon.owner === 'cri-o' && !runs ? 'crio' : undefined
  }
  const {address} = readShimArgv(world.processes.get(pid)?.argv ?? [])
  if (address === undefined) return undefined
  const path = canonical(address)
  const runs = world.facts.containerds.some((one) => one.pid !== undefined && world.inside(one.pid) === place && canonical(one.address.value) === path)
  return runs ? undefined : `containerd at ${path}`
}

/** Containers that are alive while the daemon that manages them is not: dockerd gone, containerd still there. */
function withoutRuntime(world: World, placed: readonly PlacedContainer[], unclaimed: readonly PlacedContainer[]): readonly Orphan[] {
  const alive = placed.filter(({container}) => container.pid !== undefined)
  const docker = alive.filter(({owner}) =>
    owner.kind === 'docker' ? world.facts.dockers[owner.index]?.pid === undefined : owner.kind === 'containerd' && owner.namespace === 'moby',
  )
  const stray = unclaimed.filter(({container, owner}) => container.pid !== undefined && owner.kind === 'unknown')
  return [
    ...group(docker, (count) => `${plural(count, 'container')} of Docker, and no dockerd that manages ${count === 1 ? 'it' : 'them'}`, 'no dockerd runs'),
    ...group(stray, (count) => `${plural(count, 'container')} below a shim of no known runtime`, 'no daemon that would have started it'),
  ]
}

function group(those: readonly PlacedContainer[], text: (count: number) => string, missing: string): readonly Orphan[] {
  if (those.length === 0) return []
  return [{
    kind: 'container-without-runtime', text: text(those.length), pids: those.flatMap(({container}) => container.pid ?? []),
    containers: those.map(({container}) => container.id), evidence: [{kind: 'missing', source: '/proc', text: missing}],
  }]
}

/** The same pod alive under two runtimes: what a migration that did not stop the old containers leaves behind. */
function podsTwice(placed: readonly PlacedContainer[]): readonly Orphan[] {
  const alive = placed.filter(({container}) => container.pod !== undefined && container.pid !== undefined)
  const pods = Map.groupBy(alive, ({container, place}) => `${place ?? ''} ${container.pod?.namespace}/${container.pod?.name}`)
  return [...pods.values()].flatMap((those): readonly Orphan[] => {
    const runtimes = those.filter((one, index) => those.findIndex(({owner}) => sameOwner(owner, one.owner)) === index)
    const pod = those[0]?.container.pod
    if (runtimes.length < 2 || !pod) return []
    const kinds = new Set(runtimes.map(({container}) => container.engine))
    const names = runtimes.map(({container, owner}) => (kinds.size < runtimes.length && owner.kind === 'containerd' ? `containerd at ${owner.address}` : container.engine))
    return [{
      kind: 'pod-in-two-runtimes', text: `pod ${pod.namespace}/${pod.name} runs in ${names.join(' and in ')}`,
      pids: those.flatMap(({container}) => container.pid ?? []), containers: those.map(({container}) => container.id),
      evidence: those.flatMap(({container}) => container.evidence.slice(0, 1)),
    }]
  })
}

/** A container whose first process has lost its shim: nobody will report its exit. */
function withoutShim(world: World, placed: readonly PlacedContainer[]): readonly Orphan[] {
  return placed.flatMap(({container}): readonly Orphan[] => {
    const {pid, id, name} = container
    const process = pid === undefined ? undefined : world.processes.get(pid)
    if (!process || container.shimPid !== undefined || isShim(world, process.ppid) || !usesShims(world, container)) return []
    return [{
      kind: 'process-without-shim', text: `container ${name ?? id.slice(0, 12)} runs without a shim`, pids: [process.pid], containers: [id],
      evidence: [{kind: 'parent', pid: process.pid, ppid: process.ppid}],
    }]
  })
}

/** Docker up to 1.10 starts containers itself: no shim there is nothing odd. */
function usesShims(world: World, container: Container): boolean {
  return container.engine !== 'docker' || world.facts.containerds.length > 0
}

function idsOf(placed: readonly PlacedContainer[], test: (container: Container) => boolean): readonly string[] {
  return placed.filter(({container}) => test(container)).map(({container}) => container.id)
}
