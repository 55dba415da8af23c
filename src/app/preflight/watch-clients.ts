// SPDX-License-Identifier: Apache-2.0
import {setTimeout as sleep} from 'node:timers/promises'
import {buildChain} from '../../chain/build.ts'
import {findSocketClients} from '../../chain/socket-clients.ts'
import type {Host} from '../../model/host.ts'
import type {SocketClient} from '../../model/socket-client.ts'
import {collectConnections} from '../../probes/collect.ts'
import {merged} from './nodes.ts'

/** Often enough for a command that a person types, seldom enough for a node at work: a look takes some 30 ms. */
const INTERVAL_MS = 500

/**
 * Looks again and again who is connected to the runtimes' sockets, and gives everybody who was. A connection that is shorter than
 * half a second may be missed.
 *
 * @param open a fresh host for each look: a host may remember what it read
 * @param onLook hears how many were seen so far, and how many milliseconds are left
 */
export async function watchClients(
  open: () => Promise<Host>, durationMs: number, onLook: (seen: number, leftMs: number) => void, stop?: AbortSignal,
): Promise<readonly SocketClient[]> {
  const end = performance.now() + durationMs
  let seen: readonly SocketClient[] = []
  for (;;) {
    const facts = await collectConnections(await open())
    seen = merged(seen, findSocketClients(facts, buildChain(facts)))
    const left = end - performance.now()
    onLook(seen.length, Math.max(0, left))
    if (left <= 0 || stop?.aborted) return seen
    await sleep(Math.min(INTERVAL_MS, left), undefined, {ref: true, ...(stop && {signal: stop})}).catch(() => undefined)
  }
}
