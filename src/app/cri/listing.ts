// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import type {Rpc, StreamRpc} from '../../cri/rpc.ts'

/** The two calls of one list: the streamed one came with Kubernetes 1.36, for lists that are too long for one message. */
export interface Listing<Request, Part, Whole, Item> {
  readonly stream: StreamRpc<Request, Part>
  readonly list: Rpc<Request, Whole>
  readonly itemsOfPart: (part: Part) => readonly Item[]
  readonly itemsOfWhole: (whole: Whole) => readonly Item[]
}

/** Streamed calls that a runtime turned out not to have: who asks again need not try them again. */
const missing = new WeakMap<CriConnection, Set<string>>()

/** Items of a list, by the streamed call where the runtime has it. */
export async function listed<Request, Part, Whole, Item>(
  connection: CriConnection, listing: Listing<Request, Part, Whole, Item>, request: Partial<Request>, limits?: CallLimits,
): Promise<readonly Item[]> {
  // No runtime of v1alpha2 can have it.
  if (connection.api !== 'v1alpha2' && !missing.get(connection)?.has(listing.stream.method)) {
    const items = await streamed(connection, listing, request, limits)
    if (items !== undefined) return items
  }
  return listing.itemsOfWhole(await connection.call(listing.list, request, limits))
}

/** undefined: the runtime does not have the call */
async function streamed<Request, Part, Whole, Item>(
  connection: CriConnection, {stream, itemsOfPart}: Listing<Request, Part, Whole, Item>, request: Partial<Request>, limits: CallLimits | undefined,
): Promise<readonly Item[] | undefined> {
  try {
    const items: Item[] = []
    // Unlike other streams this one ends.
    for await (const part of connection.stream(stream, request, {timeoutMs: connection.timeoutMs, ...limits})) for (const item of itemsOfPart(part)) items.push(item)
    return items
  } catch (error) {
    if (!(error instanceof CriError) || error.kind !== 'unimplemented') throw error
    missing.set(connection, (missing.get(connection) ?? new Set()).add(stream.method))
    return undefined
  }
}
