// SPDX-License-Identifier: Apache-2.0
import {buildChain} from '../../chain/build.ts'
import {findSocketClients} from '../../chain/socket-clients.ts'
import type {Gap, RuntimeChain} from '../../model/chain.ts'
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {NodeFacts} from '../../model/node-facts.ts'
import {type Observed, valueOf} from '../../model/observed.ts'
import type {Subjects} from '../../model/preflight.ts'
import type {SocketClient} from '../../model/socket-client.ts'
import {collectFacts} from '../../probes/collect.ts'
import {collectNodeFacts} from '../../probes/node/collect.ts'
import type {ScannedNode} from './scan.ts'

/** A node with everything that checks need, and what a report says of it. */
export interface ReadNode extends ScannedNode {
  readonly about: Subjects['nodes'][number]
}

/**
 * Reads a node once. What could not be read is in its facts as such; only a bug throws.
 *
 * @param source where it was read: `this host`, the file of a snapshot
 * @param watched clients of the runtimes' sockets that were seen at other times, from {@link watchClients}
 */
export async function readNode(host: Host, source: string, watched: readonly SocketClient[] = []): Promise<ReadNode> {
  const facts = await collectFacts(host)
  const known = await collectNodeFacts(host, facts)
  const chain = buildChain(facts)
  const name = valueOf(facts.machine.hostname) ?? 'unknown host'
  return {
    name, facts, chain, known,
    clients: merged(watched, findSocketClients(facts, chain)),
    staticPods: textsOf(known.staticPods),
    texts: textsOf(known.collectorTexts),
    gaps: [...chain.gaps, ...unreadOf(known)],
    about: {name, source, ...aboutOf(facts, chain)},
  }
}

/** What several looks saw, each client once: the same command line of the same container or unit at the same socket is one, whatever its pid. */
export function merged(...looks: readonly (readonly SocketClient[])[]): readonly SocketClient[] {
  const found = new Map<string, SocketClient>()
  for (const client of looks.flat()) {
    const key = JSON.stringify([client.socket, client.container ?? client.unit, client.argv])
    found.set(key, client)
  }
  return [...found.values()]
}

function textsOf<T>(observed: Observed<readonly T[]>): readonly T[] {
  return valueOf(observed) ?? []
}

/** Workloads and collectors that could not be read: no check of a node needs them, and none of theirs ran. */
function unreadOf(known: NodeFacts): readonly Gap[] {
  const read = {'static pods': known.staticPods, 'configuration of log collectors': known.collectorTexts}
  return Object.entries(read).flatMap(([what, observed]) =>
    observed.state === 'unreadable' ? [{what, source: observed.source, reason: observed.detail ?? observed.reason, next: 'Run rtctl as root, or record a new snapshot.'}] : [],
  )
}

function aboutOf(facts: Facts, {chains}: RuntimeChain): {readonly kubelet?: string; readonly runtime?: string} {
  const kubelet = facts.kubelets.flatMap(({version}) => valueOf(version) ?? [])[0]
  const runtime = (chains.find(({kind}) => kind === 'kubernetes') ?? chains[0])?.title
  return {...(kubelet !== undefined && {kubelet}), ...(runtime !== undefined && {runtime})}
}
