// SPDX-License-Identifier: Apache-2.0
import type {AddressInfo} from 'node:net'
import type {WebSocket} from 'ws'
import {WebSocketServer} from 'ws'

export interface FakeWebSocketServer {
  readonly port: number
  /** subprotocols that each request offered */
  readonly offered: readonly (readonly string[])[]
  readonly sockets: readonly WebSocket[]
  readonly stop: () => void
}

/** A streaming server that speaks WebSocket only; it refuses with 403 when it knows none of the subprotocols, as Go's does. */
export async function serveWebSocket(known: readonly string[], onSocket: (socket: WebSocket) => void): Promise<FakeWebSocketServer> {
  const offered: string[][] = []
  const sockets: WebSocket[] = []
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    verifyClient: ({req}, done: (ok: boolean, code?: number) => void) => {
      const protocols = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
      offered.push(protocols)
      done(protocols.some((name) => known.includes(name)), 403)
    },
    handleProtocols: (protocols) => [...protocols].find((name) => known.includes(name)) ?? false,
  })
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => void server.once('listening', resolve))
  const stop = () => {
    for (const socket of sockets) socket.terminate()
    server.close()
  }
  return {port: (server.address() as AddressInfo).port, offered, sockets, stop}
}

/** A message on a channel. */
export function message(channel: number, content: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from([channel]), Buffer.from(content)])
}
