// SPDX-License-Identifier: Apache-2.0
import type {Socket} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {runRemoteCommand} from '../../../src/streaming/command.ts'
import {serveRaw} from './fake-spdy.ts'
import {failure, Sink} from './support.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

async function refusal(transport: 'spdy' | 'websocket', answer: (socket: Socket) => void, timeoutMs = 2000) {
  const {port, stop} = await serveRaw((socket) => answer(socket))
  stops.push(stop)
  return failure(runRemoteCommand({url: `http://127.0.0.1:${port}/exec/TOKEN`, transport, tty: false, stdout: new Sink(), timeoutMs}))
}

const http = (status: string, body: string, headers = '') => (socket: Socket) => void socket.end(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`)

describe.each(['spdy', 'websocket'] as const)('a refused upgrade (%s)', (transport) => {
  test.each([
    ['404 Not Found', 'not-found'],
    ['401 Unauthorized', 'forbidden'],
    ['403 Forbidden', 'forbidden'],
    ['400 Bad Request', 'refused'],
    ['500 Internal Server Error', 'refused'],
    ['200 OK', 'refused'],
  ])('HTTP %s is an error of kind %s with what the server says', async (line, kind) => {
    const error = await refusal(transport, http(line, 'these words'))
    expect(error).toMatchObject({kind, httpStatus: Number(line.slice(0, 3))})
    expect(error.message).toContain('these words')
  })

  test('a redirect is not followed', async () => {
    let visited = false
    const elsewhere = await serveRaw(() => {
      visited = true
    })
    stops.push(elsewhere.stop)
    const error = await refusal(transport, http('302 Found', '', `Location: http://127.0.0.1:${elsewhere.port}/exec/x\r\n`))
    expect(error.kind).toBe('refused')
    expect(error.message).toContain('redirects')
    expect(visited).toBe(false)
  })

  test('a huge body is cut off', async () => {
    const error = await refusal(transport, http('500 Internal Server Error', 'y'.repeat(1_000_000)))
    expect(error.message.length).toBeLessThan(5000)
    expect(error.message).toContain('yyyy')
  })

  test('a body that never ends is not waited for', async () => {
    const error = await refusal(transport, (socket) => void socket.write('HTTP/1.1 403 Forbidden\r\n\r\nhalf of it'))
    expect(error).toMatchObject({kind: 'forbidden'})
    expect(error.message).toContain('half of it')
  })

  test('a server that never answers is an error of kind timeout', async () => {
    expect((await refusal(transport, () => undefined, 200)).kind).toBe('timeout')
  })

  test('a server that closes without an answer is an error of kind closed', async () => {
    expect((await refusal(transport, (socket) => void socket.destroy())).kind).toBe('closed')
  })

  test('garbage instead of HTTP is an error of kind protocol', async () => {
    expect((await refusal(transport, (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'))).kind).toBe('protocol')
  })

  test('endless headers are an error of kind protocol', async () => {
    expect((await refusal(transport, (socket) => void socket.write(`HTTP/1.1 101 Switching Protocols\r\n${'X-Long: 1\r\n'.repeat(20_000)}`))).kind).toBe('protocol')
  })

  test('nobody who listens is an error of kind unreachable', async () => {
    const {port, stop} = await serveRaw(() => undefined)
    stop()
    const error = await failure(runRemoteCommand({url: `http://127.0.0.1:${port}/x`, transport, tty: false, stdout: new Sink(), timeoutMs: 1000}))
    expect(error.kind).toBe('unreachable')
    expect(error.message).toContain(`127.0.0.1:${port}`)
  })
})
