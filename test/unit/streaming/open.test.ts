// SPDX-License-Identifier: Apache-2.0
import {Readable} from 'node:stream'
import {afterEach, describe, expect, test} from 'vitest'
import {runRemoteCommand} from '../../../src/streaming/command.ts'
import {serveRaw, serveSpdy} from './fake-spdy.ts'
import {message, serveWebSocket} from './fake-websocket.ts'
import {failure, Sink, status} from './support.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const at = ({port}: {readonly port: number}) => `http://127.0.0.1:${port}/exec/TOKEN`
const input = () => Readable.from([Buffer.from('x')])

async function spdy() {
  const server = await serveSpdy({protocol: 'v4.channel.k8s.io', onStream: (_stream, connection) => {
    const error = connection.byType('error')
    if (error === undefined || connection.byType('stdout') === undefined) return
    connection.data(error.id, status(0))
    for (const id of connection.streams.keys()) connection.reset(id)
  }})
  stops.push(server.stop)
  return server
}

async function webSocket(known: readonly string[]) {
  const server = await serveWebSocket(known, (socket) => {
    socket.send(message(3, status(0)))
    socket.close(1000)
  })
  stops.push(server.stop)
  return server
}

async function refusing(line: string) {
  const server = await serveRaw((socket) => void socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`))
  stops.push(server.stop)
  return server
}

const base = () => ({tty: false, timeoutMs: 2000, stdout: new Sink()})

describe('the choice of the transport', () => {
  test('is WebSocket where there is no input', async () => {
    const server = await webSocket(['v4.channel.k8s.io'])
    expect(await runRemoteCommand({...base(), url: at(server)})).toEqual({exitCode: 0})
    expect(server.offered.length).toBe(1)
  })

  test('is SPDY with input: the WebSocket of containerd cannot say that it ends', async () => {
    const server = await spdy()
    expect(await runRemoteCommand({...base(), url: at(server), stdin: input()})).toEqual({exitCode: 0})
    expect(server.requests[0]).toContain('Upgrade: SPDY/3.1')
  })

  test('goes on to SPDY with another URL when WebSocket is refused', async () => {
    const [first, second] = [await refusing('403 Forbidden'), await spdy()]
    expect(await runRemoteCommand({...base(), url: at(first), refresh: async () => at(second)})).toEqual({exitCode: 0})
    expect(first.requests[0]).toContain('Upgrade: websocket')
  })

  test('goes on to WebSocket when SPDY is refused, with the same URL if there is no other', async () => {
    const server = await webSocket(['v5.channel.k8s.io'])
    expect(await runRemoteCommand({...base(), url: at(server), stdin: input()})).toEqual({exitCode: 0})
    expect(server.sockets.length).toBe(1)
  })

  test.each(['404 Not Found', '500 Internal Server Error', '302 Found'])('does not try again after HTTP %s', async (line) => {
    const server = await refusing(line)
    let asked = 0
    const refresh = async () => {
      asked++
      return at(server)
    }
    await failure(runRemoteCommand({...base(), url: at(server), refresh}))
    expect([asked, server.requests.length]).toEqual([0, 1])
  })

  test('tells of the first refusal when both are refused', async () => {
    const [first, second] = [await refusing('403 Forbidden'), await refusing('404 Not Found')]
    expect(await failure(runRemoteCommand({...base(), url: at(first), refresh: async () => at(second)}))).toMatchObject({httpStatus: 403})
  })

  test('is kept to when it was told', async () => {
    const server = await refusing('403 Forbidden')
    await failure(runRemoteCommand({...base(), url: at(server), transport: 'spdy'}))
    expect(server.requests.length).toBe(1)
  })
})
