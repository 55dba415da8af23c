// SPDX-License-Identifier: Apache-2.0
import type {Facts, SocketFile} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'

/** What is known of one socket path. */
export interface SocketState {
  /** the file that stands there; undefined: nothing, or it could not be looked at */
  readonly file?: SocketFile
  readonly listening: boolean
  /** processes that hold the listening socket, without init where a daemon holds it too; empty where it cannot be told */
  readonly owners: readonly number[]
  /** init holds it as well: it starts the daemon at the next connection (systemd.socket(5)) */
  readonly activated: boolean
  /** the name it was bound under, where that is another one: it was renamed since */
  readonly boundAs?: string
}

export interface SocketIndex {
  readonly at: (path: string, place: number | undefined) => SocketState
  /** how many connections a process holds to whoever listens at a path */
  readonly connections: (fromPid: number, path: string, place: number | undefined) => number
  /** who else is connected to a path, with their number of connections */
  readonly clients: (path: string, place: number | undefined) => ReadonlyMap<number, number>
  /**
   * Who is connected from another network namespace, a pod with a mounted socket: the first process of each such
   * namespace, with the number of connections. The kernel keeps both ends in the namespace of the one who connected
   * (unix_stream_connect, net/unix/af_unix.c), so neither `ss` nor `/proc/net/unix` of the host shows them.
   */
  readonly clientsFromOtherNetworks: (path: string, place: number | undefined) => ReadonlyMap<number, number>
  /** whether the listeners of a place could be read */
  readonly canTell: (place: number | undefined) => boolean
}

interface Listener {
  readonly inode: number
  readonly path: string
  readonly owners: readonly number[]
  readonly place: number | undefined
}

/** `/var/run` is `/run` wherever systemd runs (file-hierarchy(7)); configurations still write the old name. */
export function canonical(path: string): string {
  return path.startsWith('/var/run/') ? path.slice(4) : path
}

/** The path in a CRI or Docker endpoint (`unix:///run/x.sock`, or bare); undefined for another scheme. */
export function socketPath(endpoint: string): string | undefined {
  const match = /^(?:unix:(?:\/\/)?)?(\/.*)$/.exec(endpoint)
  return match ? canonical((match[1] as string).replace(/^\/{2,}/, '/')) : undefined
}

export function indexSockets(facts: Facts, inside: (pid: number) => number | undefined): SocketIndex {
  const listeners = allListeners(facts, inside)
  const byPath = Map.groupBy(listeners, ({path}) => canonical(path))
  const byInode = new Map(listeners.map((listener) => [listener.inode, listener]))
  const pairs = Map.groupBy(valueOf(facts.sockets.peers) ?? [], ({path}) => canonical(path ?? ''))

  const fileAt = (path: string, place: number | undefined): SocketFile | undefined =>
    place === undefined ? (valueOf(facts.sockets.files[path]) ?? valueOf(facts.sockets.files[`/var${path}`])) : undefined
  const listenersAt = (path: string, place: number | undefined): readonly Listener[] => {
    const inode = fileAt(path, place)?.listener
    const renamed = inode === undefined ? undefined : byInode.get(inode)
    if (renamed) return [renamed]
    const named = (byPath.get(path) ?? []).filter((listener) => listener.place === place)
    return named.length > 0 ? named : renamedWithin(path, listeners.filter((listener) => listener.place === place))
  }
  const clients = (path: string, place: number | undefined): Map<number, number> => {
    const counts = new Map<number, number>()
    for (const {path: bound} of listenersAt(canonical(path), place)) {
      for (const pair of pairs.get(canonical(bound)) ?? []) {
        for (const pid of facts.sockets.owners[pair.peerInode] ?? []) counts.set(pid, (counts.get(pid) ?? 0) + 1)
      }
    }
    return counts
  }
  const otherNetworks = (path: string, place: number | undefined): Map<number, number> => {
    const own = listenersAt(canonical(path), place)
    const holders = new Set(own.flatMap(({owners}) => owners))
    const bound = new Set(own.map((listener) => canonical(listener.path)))
    return new Map(facts.sockets.tables.flatMap(({pid, sockets}) => {
      const accepted = (valueOf(sockets) ?? []).filter(
        (socket) => socket.state === 'connected' && socket.path !== undefined && bound.has(canonical(socket.path)) &&
          (facts.sockets.owners[socket.inode] ?? []).some((holder) => holders.has(holder)),
      )
      return pid !== 1 && accepted.length > 0 ? [[pid, accepted.length] as const] : []
    }))
  }
  return {
    clientsFromOtherNetworks: otherNetworks,
    at: (path, place) => stateOf(canonical(path), fileAt(canonical(path), place), listenersAt(canonical(path), place)),
    clients,
    connections: (fromPid, path, place) => clients(path, place).get(fromPid) ?? 0,
    canTell: (place) =>
      facts.sockets.tables.some(({pid, members, sockets}) => sockets.state === 'ok' && [pid, ...members].some((member) => inside(member) === place)),
  }
}

/**
 * The kubelet and cri-dockerd bind a socket under a number in the same folder and rename it (CreateListener of
 * kubernetes pkg/kubelet/util). Where sock_diag cannot match the file, a lone listener of that form is taken for it.
 */
function renamedWithin(path: string, listeners: readonly Listener[]): readonly Listener[] {
  if (!/\/(?:dockershim|cri-dockerd)\.sock$/.test(path)) return []
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const numbered = listeners.filter((listener) => {
    const bound = canonical(listener.path)
    return bound.startsWith(folder) && /^\d{4,}$/.test(bound.slice(folder.length))
  })
  return numbered.length === 1 ? numbered : []
}

/** A socket belongs to the place its holders run in; one that nobody is known to hold, to the host its table was read for. */
function allListeners(facts: Facts, inside: (pid: number) => number | undefined): readonly Listener[] {
  return facts.sockets.tables.flatMap((table) =>
    (valueOf(table.sockets) ?? []).flatMap(({inode, state, path}) => {
      if (state !== 'listening' || path === undefined) return []
      const owners = facts.sockets.owners[inode] ?? []
      const holder = owners.find((pid) => pid !== 1) ?? owners[0] ?? table.members.find((pid) => pid !== 1)
      return [{inode, path, owners, place: owners.length > 0 || table.pid !== 1 ? inside(holder ?? table.pid) : undefined}]
    }),
  )
}

function stateOf(path: string, file: SocketFile | undefined, listeners: readonly Listener[]): SocketState {
  const owners = [...new Set(listeners.flatMap((listener) => listener.owners))]
  const daemons = owners.filter((pid) => pid !== 1)
  const other = listeners.find((listener) => canonical(listener.path) !== path)
  return {
    ...(file ? {file} : {}),
    listening: listeners.length > 0,
    owners: daemons.length > 0 ? daemons : owners,
    activated: owners.includes(1),
    ...(other ? {boundAs: other.path} : {}),
  }
}
