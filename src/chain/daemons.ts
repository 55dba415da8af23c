// SPDX-License-Identifier: Apache-2.0
import type {ChainNode, Evidence} from '../model/chain.ts'
import type {Layer} from '../model/component.ts'
import type {ContainerdFacts, CrioFacts, DockerFacts, Setting} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {type Draft, insideOf, linkOverSocket} from './draft.ts'
import {readShimArgv} from './shim-argv.ts'
import {canonical} from './socket-index.ts'
import {isShim, type Place, type World} from './world.ts'
import {versionOf} from './versions.ts'

/** A running daemon that has no facts of its own: what its process tells. */
export function daemonNode(world: World, pid: number, layer: Layer, place: Place): ChainNode {
  const component = world.components.get(pid)
  const process = world.processes.get(pid)
  return {
    id: `daemon:${pid}`, layer, component: component?.name ?? 'container runtime', label: component?.name ?? process?.comm ?? `pid ${pid}`,
    ...withVersion(component ? versionOf(world, component.name, place) : undefined),
    pids: [pid], status: 'observed', ...insideOf(place), notes: [], evidence: [{kind: 'process', pid, text: process?.argv[0] ?? process?.comm ?? ''}],
  }
}

function withVersion(version: string | undefined): {readonly version?: string} {
  return version === undefined ? {} : {version}
}

export function dockerNode(world: World, docker: DockerFacts, index: number): ChainNode {
  const {pid} = docker
  const api = valueOf(docker.api)
  const place = world.inside(pid)
  const hangs = docker.api.state === 'unreadable' && docker.api.reason === 'timeout'
  return {
    id: `dockerd:${pid ?? `dead-${index}`}`, layer: 'engine', component: 'dockerd', label: 'dockerd',
    ...withVersion(api?.version ?? versionOf(world, 'dockerd', place, {pid})), pids: pid === undefined ? [] : [pid], status: pid === undefined ? 'broken' : 'observed', ...insideOf(place),
    notes: [
      ...(pid === undefined ? ['not running'] : []),
      ...(hangs ? ['does not answer'] : []),
      ...(api?.storageDriver ? [`storage ${api.storageDriver}`] : []),
      ...(api?.loggingDriver ? [`logs ${api.loggingDriver}`] : []),
    ],
    evidence: [
      ...(pid === undefined ? [missing('/proc', 'no dockerd runs')] : [{kind: 'process', pid, text: 'dockerd'} as const]),
      ...(api ? [{kind: 'reported', by: 'docker', source: api.socket, text: `Docker Engine ${api.version}`} as const] : []),
    ],
  }
}

function missing(source: string, text: string): Evidence {
  return {kind: 'missing', source, text}
}

export function containerdNode(world: World, {pid, address, root}: ContainerdFacts): ChainNode {
  const place = world.inside(pid)
  const component = pid === undefined ? 'containerd' : (world.components.get(pid)?.name ?? 'containerd')
  return {
    id: `containerd:${pid ?? canonical(address.value)}`, layer: 'engine', component, label: component,
    ...withVersion(versionOf(world, 'containerd', place, {address: canonical(address.value), pid})),
    pids: pid === undefined ? [] : [pid], status: pid === undefined ? 'broken' : 'observed', ...insideOf(place),
    notes: pid === undefined ? ['not running'] : [],
    evidence: pid === undefined
      ? [missing(address.value, `nobody listens on it (${address.source})`)]
      : [{kind: 'process', pid, text: component}, {kind: 'config', source: root.source, text: `root ${root.value}`}],
  }
}

export function crioNode(world: World, {pid, cgroupManager, address}: CrioFacts, index: number): ChainNode {
  const place = world.inside(pid)
  return {
    id: `crio:${pid ?? `dead-${index}`}`, layer: 'engine', component: 'CRI-O', label: 'crio', ...withVersion(versionOf(world, 'CRI-O', place, {pid})),
    pids: pid === undefined ? [] : [pid], status: pid === undefined ? 'broken' : 'observed', ...insideOf(place),
    notes: [...(pid === undefined ? ['not running'] : []), ...(cgroupManager ? [`cgroup manager ${cgroupManager.value}`] : [])],
    evidence: pid === undefined ? [missing(address.value, 'no crio runs')] : [{kind: 'process', pid, text: 'crio'}],
  }
}

/**
 * The containerd that a dockerd uses, drawn below it: the one it is told to use, or the one it started itself. Docker
 * up to 1.10 has none, and runs containers alone.
 */
export function containerdOfDocker(world: World, draft: Draft, docker: DockerFacts, from: string): readonly string[] {
  const place = world.inside(docker.pid)
  const child = world.facts.containerds.find(
    ({pid}) => pid !== undefined && docker.pid !== undefined && world.processes.get(pid)?.ppid === docker.pid,
  )
  const told = docker.containerdAddress ?? (child ? undefined : namedByShims(world, place))
  const address = told ? canonical(told.value) : child ? canonical(child.address.value) : undefined
  const containerd = child ?? world.facts.containerds.find((one) => world.inside(one.pid) === place && canonical(one.address.value) === address)
  if (!containerd || address === undefined) return []
  const to = draft.node(containerdNode(world, containerd))
  const configured: Evidence = child
    ? {kind: 'parent', pid: child.pid as number, ppid: docker.pid as number}
    : {kind: 'config', source: told?.source ?? '', text: told?.value ?? ''}
  linkOverSocket(world, draft, {from, to, via: 'containerd-grpc', fromPid: docker.pid, path: address, place, configured})
  return [to]
}

/** Where nothing says which containerd a dockerd uses, the shims of its containers do: they name its socket. */
function namedByShims(world: World, place: Place): Setting | undefined {
  for (const pid of world.components.keys()) {
    if (!isShim(world, pid) || world.inside(pid) !== place) continue
    const {namespace, address} = readShimArgv(world.processes.get(pid)?.argv ?? [])
    if (namespace === 'moby' && address !== undefined) return {value: address, source: `argv of pid ${pid}`}
  }
  return undefined
}
