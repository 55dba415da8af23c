// SPDX-License-Identifier: Apache-2.0
import {StreamingError} from './errors.ts'
import type {CommandEvents, CommandSession, StreamRequest} from './session.ts'

type Named = 'websocket' | 'spdy'

/**
 * Opens an exec or attach. `auto` tries WebSocket first, and SPDY/3.1 when it is refused; with input it is the other way round:
 *
 * - dockershim, all of containerd and CRI-O with conmon serve both, but their WebSocket ends at v4, which cannot say that
 *   the input ends. `tar c . | rtctl cri exec -i ID tar x` would never come back.
 * - CRI-O with conmon-rs and `stream_websockets` serves WebSocket v5 only.
 * - They take the token out of their cache before they look at the upgrade (k8s.io/cri-streaming pkg/streaming/server.go),
 *   so the second try needs another URL. Without `refresh` it is made with the same one, which conmon-rs allows.
 *
 * @throws StreamingError of the first try when both are refused
 */
export async function openCommand(request: StreamRequest, events: CommandEvents): Promise<CommandSession> {
  const {transport = 'auto', url, refresh} = request
  if (transport !== 'auto') return open(transport, url, request, events)
  const [first, second]: readonly [Named, Named] = request.stdin ? ['spdy', 'websocket'] : ['websocket', 'spdy']
  try {
    return await open(first, url, request, events)
  } catch (error) {
    if (!mayOtherWork(error)) throw error
    const next = refresh ? await refresh() : url
    return await open(second, next, request, events).catch((other: unknown) => {
      throw mayOtherWork(other) || isKind(other, 'not-found') ? error : other
    })
  }
}

async function open(transport: Named, url: string, request: StreamRequest, events: CommandEvents): Promise<CommandSession> {
  // Each is loaded when it is used: ws takes 40 ms.
  if (transport === 'spdy') return (await import('./spdy/command.ts')).openSpdyCommand(url, request, events)
  return (await import('./websocket-command.ts')).openWebSocketCommand(url, request, events)
}

/**
 * Whether the refusal may be about the protocol: Go's WebSocket server answers 403 to subprotocols that it does not have,
 * axum (conmon-rs) 400, 405 or 426 to what is no WebSocket.
 */
export function mayOtherWork(error: unknown): boolean {
  return error instanceof StreamingError && [400, 403, 405, 426, 501].includes(error.httpStatus ?? 0)
}

function isKind(error: unknown, kind: StreamingError['kind']): error is StreamingError {
  return error instanceof StreamingError && error.kind === kind
}
