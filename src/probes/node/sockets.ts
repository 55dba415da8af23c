// SPDX-License-Identifier: Apache-2.0
import {componentOf} from '../../components/match.ts'
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {SocketNodeFacts, VisibleSocket} from '../../model/node/sockets.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {below, type Mount, mountOf, parseMountinfo, seenAt} from '../parse/mountinfo.ts'

/** The facts of this topic, see {@link SocketNodeFacts}. */
export async function probeSockets(host: Host, facts: Facts): Promise<SocketNodeFacts> {
  return {visibleSockets: readVisible(host, facts)}
}

/**
 * The mount namespace of a container says what it can reach, whatever its pod spec was when it started. It is long, and the kernel takes
 * its time to write it: it is not asked where nothing of the host was mounted in the first place.
 */
function readVisible(host: Host, facts: Facts): Observed<readonly VisibleSocket[]> {
  const sockets = socketsOf(facts)
  const alone = ownMountsOnly(facts)
  const pids = sockets.length === 0 ? [] : firstProcesses(facts).filter((pid) => !alone.has(pid))
  if (pids.length === 0) return absent('/run/docker.sock')
  const own = host.text('/proc/1/mountinfo')
  if (own.state !== 'ok') return own
  const mounts = parseMountinfo(own.value)
  const marks = sockets.map((socket) => marksOf(mounts, socket))
  const found: VisibleSocket[] = []
  for (const pid of pids) {
    const read = host.text(`/proc/${pid}/mountinfo`)
    if (read.state === 'unreadable') return read
    const text = valueOf(read) ?? ''
    const likely = sockets.filter((_, index) => marks[index]?.some((mark) => text.includes(mark)) ?? true)
    const seen = likely.length === 0 ? [] : parseMountinfo(text)
    for (const socket of likely) for (const at of seenAt(seen, mounts, socket)) found.push({pid, socket, at})
  }
  return ok(found, own.source)
}

/**
 * Of the rows of a mountinfo that may show a file, what each of them has: the file's filesystem, and of it the file or a folder around
 * it. Most containers have no such row, and to find that out is much faster than to take all their rows apart. Undefined for a path
 * that the kernel writes in another way.
 */
function marksOf(mounts: readonly Mount[], path: string): readonly string[] | undefined {
  const carrier = mountOf(mounts, path)
  const rest = carrier && below(carrier.at, path)
  if (carrier === undefined || rest === undefined) return []
  const parts = `${carrier.root}${rest}`.split('/').filter((part) => part !== '')
  if (parts.some((part) => !/^[\w.:@+-]+$/.test(part))) return undefined
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)].map((folder) => ` ${carrier.device} ${folder} `)
}

/** Sockets of Docker and dockershim that are there, by the path their file really has. */
function socketsOf(facts: Facts): readonly string[] {
  const there = Object.entries(facts.sockets.files).filter(([path, file]) => /docker(?:shim)?\.sock$/.test(path) && valueOf(file)?.type === 'socket')
  return [...new Set(there.map(([path, file]) => (file.source.startsWith('/') ? file.source : path)))]
}

/** First processes of containers of this host that mount nothing of it. Bundles of a machine inside this one have its own pids. */
function ownMountsOnly({containerds, crios, processes}: Facts): ReadonlySet<number | undefined> {
  const engines = [...containerds, ...crios].filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
  return new Set(engines.flatMap(({bundles}) => (valueOf(bundles) ?? []).filter(({onlyOwnMounts}) => onlyOwnMounts).map(({pid}) => pid)))
}

/** What shims started, without the pod sandboxes' pauses being told apart: they mount nothing. */
function firstProcesses(facts: Facts): readonly number[] {
  const all = valueOf(facts.processes.all) ?? []
  const parents = new Set(all.map(({ppid}) => ppid))
  const shims = new Set(all.filter((process) => parents.has(process.pid) && componentOf(process)?.layer === 'shim').map(({pid}) => pid))
  return all.filter(({ppid}) => shims.has(ppid)).map(({pid}) => pid)
}
