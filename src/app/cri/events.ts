// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import type {ContainerEventResponse} from '../../cri/gen/runtime/v1/events.ts'
import {getContainerEvents} from '../../cri/rpcs/events.ts'

/** Status code of gRPC for a connection that broke. */
const UNAVAILABLE = 14

/**
 * What happens to containers, until the signal or until the runtime ends it. containerd keeps events that nobody has read
 * and gives them to the first who asks; containerd 1 gives each event to one reader only (pkg/cri/server/container_events.go).
 *
 * @throws CriError when the connection breaks, which is how a runtime that is killed is seen
 */
export async function* containerEvents(runtime: CriConnection, signal: AbortSignal): AsyncGenerator<ContainerEventResponse> {
  let seen = 0
  try {
    for await (const event of runtime.stream(getContainerEvents, {}, {signal})) {
      seen++
      yield event
    }
  } catch (error) {
    if (signal.aborted) return
    if (!isBroken(error)) throw error
    const after = `${seen} ${seen === 1 ? 'event' : 'events'}`
    throw new CriError('other', error.code, `the runtime went away after ${after}; what happens until you ask again is lost`, error.call)
  }
}

/** A connection that was there: a server that is killed resets it, one that is stopped cancels the call. */
function isBroken(error: unknown): error is CriError {
  return error instanceof CriError && (error.kind === 'cancelled' || (error.kind === 'other' && error.code === UNAVAILABLE))
}
