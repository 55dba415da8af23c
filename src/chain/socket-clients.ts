// SPDX-License-Identifier: Apache-2.0
import type {Container, RuntimeChain} from '../model/chain.ts'
import type {Facts} from '../model/facts.ts'
import type {SocketClient} from '../model/socket-client.ts'
import {valueOf} from '../model/observed.ts'
import {runtimeSockets} from './runtime-sockets.ts'
import {ancestors, indexFacts, type World} from './world.ts'

/**
 * Who is connected to the API sockets of the host's runtimes now, beside their own daemons: the kubelet, pods, programs of
 * the host. Nested machines are left out.
 */
export function findSocketClients(facts: Facts, chain: RuntimeChain): readonly SocketClient[] {
  const world = indexFacts(facts)
  const byPid = new Map(chain.containers.flatMap((container) => (container.pid === undefined ? [] : [[container.pid, container] as const])))
  return runtimeSockets(world, undefined).flatMap((socket) => {
    const owners = new Set(world.sockets.at(socket, undefined).owners)
    const elsewhere = world.sockets.clientsFromOtherNetworks(socket, undefined)
    const known = [...world.sockets.clients(socket, undefined)].map(([pid, connections]) => ({pid, connections, exact: true}))
    const nearly = [...elsewhere].map(([pid, connections]) => ({pid, connections, exact: false}))
    return [...known, ...nearly].filter(({pid}) => !owners.has(pid)).map((one) => ({socket, ...one, ...describe(world, byPid, one.pid)}))
  })
}

function describe(world: World, byPid: ReadonlyMap<number, Container>, pid: number): Omit<SocketClient, 'socket' | 'pid' | 'connections' | 'exact'> {
  const container = [...ancestors(world, pid)].flatMap((process) => byPid.get(process.pid) ?? [])[0]
  const process = world.processes.get(pid)
  const id = container?.id ?? containerIn(world.facts, pid)
  const unit = id === undefined ? unitOf(world.facts, pid) : undefined
  const component = world.components.get(pid)?.name
  return {
    comm: process?.comm ?? '', argv: process?.argv ?? [],
    ...(component !== undefined && {component}), ...(id !== undefined && {container: id}), ...(unit !== undefined && {unit}),
  }
}

/** The container id in the path of a process's cgroup: every engine names the cgroup of a container after it. */
function containerIn(facts: Facts, pid: number): string | undefined {
  return cgroupsOf(facts, pid).flatMap((path) => /[-/:]([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(path)?.[1] ?? [])[0]
}

/** The systemd unit whose cgroup a process is in. */
function unitOf(facts: Facts, pid: number): string | undefined {
  return cgroupsOf(facts, pid).flatMap((path) => /\/([^/]+\.service)(?:\/|$)/.exec(path)?.[1] ?? [])[0]
}

function cgroupsOf(facts: Facts, pid: number): readonly string[] {
  return (valueOf(facts.processes.details[pid]?.cgroups) ?? []).map(({path}) => path)
}
