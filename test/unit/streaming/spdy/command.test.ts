// SPDX-License-Identifier: Apache-2.0
import {Readable, Writable} from 'node:stream'
import {afterEach, describe, expect, test} from 'vitest'
import {runRemoteCommand} from '../../../../src/streaming/command.ts'
import type {StreamRequest} from '../../../../src/streaming/session.ts'
import type {FakeServer, FakeSpdyConnection, FakeSpdyOptions, ServerStream} from '../fake-spdy.ts'
import {serveSpdy} from '../fake-spdy.ts'
import {eventually, failure, pattern, sha256, Sink, status, stuckSink} from '../support.ts'

let servers: FakeServer[] = []
afterEach(() => {
  for (const server of servers) server.stop()
  servers = []
})

async function serve(options: FakeSpdyOptions): Promise<FakeServer> {
  const server = await serveSpdy({protocol: 'v4.channel.k8s.io', ...options})
  servers.push(server)
  return server
}

const request = ({port}: FakeServer, more: Partial<StreamRequest> = {}): StreamRequest => (
  {url: `http://127.0.0.1:${port}/exec/TOKEN`, transport: 'spdy', tty: false, timeoutMs: 2000, ...more}
)

/** Does something once all streams of the wanted types are open. */
const whenOpen = (types: readonly string[], then: (connection: FakeSpdyConnection, id: (type: string) => number) => void): FakeSpdyOptions => {
  const id = (connection: FakeSpdyConnection) => (type: string) => connection.byType(type)?.id ?? 0
  return {onStream: (_stream, connection) => {
    if (types.every((type) => connection.byType(type))) then(connection, id(connection))
  }}
}

function finish(connection: FakeSpdyConnection, text: string): void {
  for (const {id, headers} of connection.streams.values()) {
    if (headers['streamtype'] === 'error') connection.data(id, text)
    connection.reset(id)
  }
  connection.goAway()
}

const isType = (stream: ServerStream, type: string) => stream.headers['streamtype'] === type

describe('exec over SPDY/3.1', () => {
  test.each([0, 7, 137])('gives exit code %i and both outputs', async (code) => {
    const server = await serve(whenOpen(['error', 'stdout', 'stderr'], (connection, id) => {
      connection.data(id('stdout'), 'to out\n', true)
      connection.data(id('stderr'), 'to err\n', true)
      connection.data(id('error'), status(code), true)
    }))
    const [stdout, stderr] = [new Sink(), new Sink()]
    expect(await runRemoteCommand(request(server, {stdout, stderr}))).toEqual({exitCode: code})
    expect([stdout.text, stderr.text]).toEqual(['to out\n', 'to err\n'])
    expect(stdout.writableEnded).toBe(false)
  })

  test('offers each subprotocol in a line of its own and opens what was asked for', async () => {
    const server = await serve(whenOpen(['error', 'stdout'], (connection) => finish(connection, status(0))))
    await runRemoteCommand(request(server, {stdout: new Sink()}))
    expect(server.requests[0]?.split('\r\n').filter((line) => line.startsWith('X-Stream'))).toEqual([4, 3, 2].map((version) => `X-Stream-Protocol-Version: v${version}.channel.k8s.io`).concat('X-Stream-Protocol-Version: channel.k8s.io'))
    expect([...server.connections[0]?.streams.values() ?? []].map(({headers}) => headers['streamtype'])).toEqual(['error', 'stdout'])
  })

  test('stdin is half-closed at its end, and output may still come', async () => {
    const server = await serve({onData: (stream, connection) => {
      if (!isType(stream, 'stdin') || !stream.finished) return
      connection.data(connection.byType('stdout')?.id ?? 0, Buffer.concat(stream.received))
      finish(connection, status(0))
    }})
    const stdout = new Sink()
    await runRemoteCommand(request(server, {stdin: Readable.from([Buffer.from('hello '), Buffer.from('there')]), stdout}))
    expect(stdout.text).toBe('hello there')
  })

  test('nothing is sent on stdin before the server has replied to it', async () => {
    const server = await serve({silent: true})
    const running = runRemoteCommand(request(server, {stdin: Readable.from([Buffer.from('early')]), stdout: new Sink(), timeoutMs: 300}))
    expect((await failure(running)).kind).toBe('timeout')
    expect(server.connections[0]?.byType('stdin')?.received).toEqual([])
  })

  test('10 MB both ways arrive as they were sent', async () => {
    const sent = pattern(10 * 1024 * 1024)
    const server = await serve({onData: (stream, connection, piece) => {
      if (!isType(stream, 'stdin')) return
      if (piece.length > 0) connection.data(connection.byType('stdout')?.id ?? 0, piece)
      if (stream.finished) finish(connection, status(0))
    }})
    const stdout = new Sink()
    await runRemoteCommand(request(server, {stdin: Readable.from([sent]), stdout}))
    expect(stdout.length).toBe(sent.length)
    expect(sha256(stdout.bytes)).toBe(sha256(sent))
  })

  test('a reader that does not read stops the server, and loses nothing', async () => {
    const piece = Buffer.alloc(64 * 1024, 1)
    let sent = 0
    const total = 64 * 1024 * 1024
    const server = await serve(whenOpen(['error', 'stdout'], (connection, id) => {
      const pump = () => {
        while (sent < total) {
          sent += piece.length
          if (!connection.data(id('stdout'), piece)) return void connection.socket.once('drain', pump)
        }
        finish(connection, status(0))
      }
      pump()
    }))
    const {sink: stdout, release} = stuckSink()
    const running = runRemoteCommand(request(server, {stdout}))
    await eventually(() => stdout.writableLength > 0)
    let before = -1
    await eventually(() => {
      const still = sent === before
      before = sent
      return still
    })
    // what the system's buffers of the two sockets hold, and no more
    expect(sent).toBeLessThan(16 * 1024 * 1024)
    expect(stdout.writableLength).toBeLessThan(256 * 1024)
    release()
    await running
    expect(stdout.length).toBe(total)
  })

  test('sizes of the terminal go to the resize stream, and there is no stderr', async () => {
    const server = await serve({onData: (stream, connection) => {
      if (isType(stream, 'resize')) finish(connection, status(3))
    }})
    const size = async function* () {
      yield {width: 123, height: 45}
    }
    const result = await runRemoteCommand(request(server, {tty: true, stdin: new Readable({read: () => undefined}), stdout: new Sink(), stderr: new Sink(), resize: size()}))
    expect(result.exitCode).toBe(3)
    const connection = server.connections[0]
    expect(Buffer.concat(connection?.byType('resize')?.received ?? []).toString()).toBe('{"Width":123,"Height":45}')
    expect(connection?.byType('stderr')).toBeUndefined()
  })

  test('an old server gets no resize stream, and its words are understood', async () => {
    const server = await serve({protocol: 'v2.channel.k8s.io', ...whenOpen(['error', 'stdout'], (connection) => finish(connection, 'command terminated with non-zero exit code: exit status 7'))})
    // reset at the end, as servers of v4 do, but with words on the error stream
    expect(await runRemoteCommand(request(server, {tty: true, stdout: new Sink()}))).toEqual({exitCode: 7})
    expect(server.connections[0]?.byType('resize')).toBeUndefined()
  })

  test('before v4 success is silent, and the streams are reset at the end', async () => {
    const server = await serve({protocol: 'v3.channel.k8s.io', ...whenOpen(['error', 'stdout'], (connection, id) => {
      connection.data(id('stdout'), 'all of it')
      finish(connection, '')
    })})
    const stdout = new Sink()
    expect(await runRemoteCommand(request(server, {stdout}))).toEqual({exitCode: 0})
    expect(stdout.text).toBe('all of it')
  })

  test('aborting resets the streams, says goodbye and closes', async () => {
    const server = await serve({})
    const abort = new AbortController()
    const running = failure(runRemoteCommand(request(server, {stdout: new Sink(), signal: abort.signal})))
    await eventually(() => server.connections[0]?.byType('stdout') !== undefined)
    abort.abort()
    expect((await running).kind).toBe('aborted')
    await eventually(() => server.connections[0]?.goneAway === true)
    expect([...server.connections[0]?.streams.values() ?? []].every(({reset}) => reset)).toBe(true)
  })

  test('aborting works before anything is connected', async () => {
    const abort = new AbortController()
    const server = await serve({silent: true})
    const running = failure(runRemoteCommand(request(server, {stdout: new Sink(), signal: abort.signal})))
    abort.abort()
    expect((await running).kind).toBe('aborted')
  })

  test('an output that fails ends the session with its error', async () => {
    const server = await serve(whenOpen(['error', 'stdout'], (connection, id) => void connection.data(id('stdout'), 'x')))
    const stdout = new Writable({write: (_chunk, _encoding, done) => done(new Error('EPIPE'))})
    await expect(runRemoteCommand(request(server, {stdout}))).rejects.toThrow('EPIPE')
    await eventually(() => server.connections[0]?.goneAway === true)
  })

  test('pings are answered', async () => {
    const server = await serve(whenOpen(['error', 'stdout'], (connection) => connection.control(6, 0, 2)))
    const abort = new AbortController()
    const running = failure(runRemoteCommand(request(server, {stdout: new Sink(), signal: abort.signal})))
    await eventually(() => server.connections[0]?.pings.length === 1)
    abort.abort()
    await running
    expect(server.connections[0]?.pings).toEqual([2])
  })
})

describe('a hostile server of SPDY/3.1', () => {
  test.each<[string, string, (connection: FakeSpdyConnection) => void]>([
    ['breaks off', 'closed', (connection) => void connection.socket.destroy()],
    ['resets everything without a status', 'closed', (connection) => {
      for (const id of connection.streams.keys()) connection.reset(id)
    }],
    ['sends garbage', 'protocol', (connection) => void connection.socket.write(Buffer.alloc(64, 0xff))],
    ['sends a frame of a type that is none', 'protocol', (connection) => connection.control(99, 0)],
    ['sends a control frame that is too short', 'protocol', (connection) => connection.control(3, 0)],
    ['says goodbye and closes without a status', 'closed', (connection) => {
      connection.goAway()
      connection.socket.end()
    }],
  ])('that %s is an error of kind %s', async (_what, kind, act) => {
    const server = await serve(whenOpen(['error', 'stdout'], act))
    expect((await failure(runRemoteCommand(request(server, {stdout: new Sink()})))).kind).toBe(kind)
  })

  test('that refuses a stream is an error', async () => {
    const refusing = await serve({silent: true})
    const running = failure(runRemoteCommand(request(refusing, {stdout: new Sink()})))
    await eventually(() => refusing.connections[0]?.byType('stdout') !== undefined)
    refusing.connections[0]?.reset(1)
    expect((await running).kind).toBe('refused')
  })

  test('that chooses a subprotocol that was not offered is refused', async () => {
    const server = await serve({protocol: 'v9.channel.k8s.io'})
    expect((await failure(runRemoteCommand(request(server, {stdout: new Sink()})))).message).toContain('not offered')
  })
})
