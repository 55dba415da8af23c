// SPDX-License-Identifier: Apache-2.0
import {Readable} from 'node:stream'
import fc from 'fast-check'
import {afterEach, describe, expect, test} from 'vitest'
import type {WebSocket} from 'ws'
import {runRemoteCommand} from '../../../src/streaming/command.ts'
import type {StreamRequest} from '../../../src/streaming/session.ts'
import type {FakeWebSocketServer} from './fake-websocket.ts'
import {message, serveWebSocket} from './fake-websocket.ts'
import {eventually, failure, pattern, sha256, Sink, status, stuckSink} from './support.ts'

const V5 = ['v5.channel.k8s.io']
const V4 = ['v4.channel.k8s.io', 'channel.k8s.io']

let servers: FakeWebSocketServer[] = []
afterEach(() => {
  for (const server of servers) server.stop()
  servers = []
})

async function serve(known: readonly string[], onSocket: (socket: WebSocket) => void): Promise<FakeWebSocketServer> {
  const server = await serveWebSocket(known, onSocket)
  servers.push(server)
  return server
}

const request = ({port}: FakeWebSocketServer, more: Partial<StreamRequest> = {}): StreamRequest => (
  {url: `http://127.0.0.1:${port}/exec/TOKEN`, transport: 'websocket', tty: false, timeoutMs: 2000, ...more}
)

function finish(socket: WebSocket, code: number): void {
  socket.send(message(3, status(code)))
  socket.close(1000)
}

describe('exec over WebSocket', () => {
  test.each([0, 7, 137])('gives exit code %i and both outputs', async (code) => {
    const server = await serve(V4, (socket) => {
      socket.send(message(1, ''))
      socket.send(message(1, 'to out\n'))
      socket.send(message(2, 'to err\n'))
      finish(socket, code)
    })
    const [stdout, stderr] = [new Sink(), new Sink()]
    expect(await runRemoteCommand(request(server, {stdout, stderr}))).toEqual({exitCode: code})
    expect([stdout.text, stderr.text]).toEqual(['to out\n', 'to err\n'])
    expect(server.offered).toEqual([['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io']])
  })

  test('any output arrives on its own channel, in order', async () => {
    const pieces = fc.array(fc.record({channel: fc.constantFrom(1, 2), content: fc.uint8Array({maxLength: 2000})}), {maxLength: 30})
    await fc.assert(fc.asyncProperty(pieces, async (sent) => {
      const server = await serve(V4, (socket) => {
        for (const {channel, content} of sent) socket.send(message(channel, Buffer.from(content)))
        finish(socket, 0)
      })
      const outputs = [new Sink(), new Sink()] as const
      await runRemoteCommand(request(server, {stdout: outputs[0], stderr: outputs[1]}))
      server.stop()
      for (const channel of [1, 2] as const) {
        const expected = Buffer.concat(sent.filter((one) => one.channel === channel).map(({content}) => content))
        expect(outputs[channel - 1]?.bytes.equals(expected)).toBe(true)
      }
    }), {numRuns: 15})
  })

  test('v5 says that stdin ends, and a server that is silent and says goodbye means success', async () => {
    const received: Buffer[] = []
    const server = await serve(V5, (socket) => {
      socket.on('message', (data: Buffer) => {
        received.push(data)
        if (data[0] === 255) socket.close(1000)
      })
    })
    const result = await runRemoteCommand(request(server, {stdin: Readable.from([Buffer.from('hello')]), stdout: new Sink()}))
    expect(result).toEqual({exitCode: 0})
    expect(received.map((bytes) => bytes.toString('latin1'))).toEqual(['\0hello', '\u{ff}\0'])
  })

  test('v4 cannot say that stdin ends, and says nothing that would be taken for data', async () => {
    const received: Buffer[] = []
    const server = await serve(V4, (socket) => {
      socket.on('message', (data: Buffer) => {
        received.push(data)
        setTimeout(() => finish(socket, 0), 50)
      })
    })
    await runRemoteCommand(request(server, {stdin: Readable.from([Buffer.from('hello')]), stdout: new Sink()}))
    expect(received.map(String)).toEqual(['\0hello'])
  })

  test('10 MB both ways arrive as they were sent', async () => {
    const sent = pattern(10 * 1024 * 1024)
    const server = await serve(V5, (socket) => {
      socket.on('message', (data: Buffer) => {
        if (data[0] === 255) finish(socket, 0)
        else socket.send(message(1, data.subarray(1)))
      })
    })
    const stdout = new Sink()
    await runRemoteCommand(request(server, {stdin: Readable.from([sent]), stdout}))
    expect(stdout.length).toBe(sent.length)
    expect(sha256(stdout.bytes)).toBe(sha256(sent))
  })

  test('a reader that does not read stops the server, and loses nothing', async () => {
    const piece = message(1, Buffer.alloc(32 * 1024, 1))
    const count = 2048
    let flushed = 0
    const server = await serve(V4, (socket) => {
      const pump = (left: number) => {
        if (left === 0) return finish(socket, 0)
        socket.send(piece, () => {
          flushed++
          pump(left - 1)
        })
      }
      pump(count)
    })
    const {sink: stdout, release} = stuckSink()
    const running = runRemoteCommand(request(server, {stdout}))
    await eventually(() => stdout.writableLength > 0)
    let before = -1
    await eventually(() => {
      const still = flushed === before
      before = flushed
      return still
    })
    expect(flushed).toBeLessThan(count / 4)
    expect(stdout.writableLength).toBeLessThan(256 * 1024)
    release()
    await running
    expect(stdout.length).toBe(count * 32 * 1024)
  })

  test('sizes of the terminal go to channel 4', async () => {
    const server = await serve(V4, (socket) => {
      socket.on('message', (data: Buffer) => {
        socket.send(message(1, data))
        finish(socket, 0)
      })
    })
    const size = async function* () {
      yield {width: 80, height: 24}
    }
    const stdout = new Sink()
    await runRemoteCommand(request(server, {tty: true, stdout, resize: size()}))
    expect(stdout.text).toBe('\u0004{"Width":80,"Height":24}')
  })

  test('once the command has ended no more of endless input is sent, and its status counts though the connection breaks off then', async () => {
    let after = 0
    const server = await serve(V4, (socket) => {
      let ended = false
      socket.on('message', () => {
        if (ended) after++
        else socket.send(message(3, status(3)), () => setTimeout(() => socket.terminate(), 100))
        ended = true
      })
    })
    const endless = new Readable({read() { setImmediate(() => this.push('y\n')) }})
    expect(await runRemoteCommand(request(server, {stdin: endless, stdout: new Sink()}))).toEqual({exitCode: 3})
    // What was on its way, not what a tenth of a second would bring.
    expect(after).toBeLessThan(20)
  })

  test('aborting closes with the code for an end in order', async () => {
    const codes: number[] = []
    const server = await serve(V4, (socket) => void socket.on('close', (code) => codes.push(code)))
    const abort = new AbortController()
    const running = failure(runRemoteCommand(request(server, {stdout: new Sink(), signal: abort.signal})))
    await eventually(() => server.sockets.length === 1)
    abort.abort()
    expect((await running).kind).toBe('aborted')
    await eventually(() => codes.length === 1)
    expect(codes).toEqual([1000])
  })
})

describe('a hostile server of WebSocket', () => {
  test.each<[string, string, (socket: WebSocket) => void]>([
    ['breaks off', 'closed', (socket) => socket.terminate()],
    ['closes in order without a status', 'closed', (socket) => socket.close(1000)],
    ['closes with an error code', 'closed', (socket) => socket.close(1011, 'words')],
    ['sends a message that is too long', 'protocol', (socket) => socket.send(Buffer.alloc(16 * 1024 * 1024 + 1, 1))],
  ])('that %s is an error of kind %s', async (_what, kind, act) => {
    const server = await serve(V4, act)
    expect((await failure(runRemoteCommand(request(server, {stdout: new Sink()})))).kind).toBe(kind)
  })

  test('that sends frames that are none is an error of kind protocol', async () => {
    const server = await serve(V4, (socket) => {
      const {_socket: raw} = socket as unknown as {readonly _socket: {readonly write: (bytes: Buffer) => void}}
      raw.write(Buffer.alloc(64, 0xff))
    })
    expect((await failure(runRemoteCommand(request(server, {stdout: new Sink()})))).kind).toBe('protocol')
  })

  test('that sends on channels that do not exist changes nothing', async () => {
    const server = await serve(V4, (socket) => {
      socket.send(message(9, 'nothing'))
      socket.send(message(255, '\u0001'))
      finish(socket, 0)
    })
    const stdout = new Sink()
    expect(await runRemoteCommand(request(server, {stdout}))).toEqual({exitCode: 0})
    expect(stdout.text).toBe('')
  })
})
