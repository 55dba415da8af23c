// SPDX-License-Identifier: Apache-2.0
import {connect, type Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {Readable} from 'node:stream'
import {buffer, text} from 'node:stream/consumers'
import {afterEach, describe, expect, test} from 'vitest'
import {listenAndForward, parsePortPair} from '../../../src/streaming/listen.ts'
import {openPortForward} from '../../../src/streaming/port-forward.ts'
import type {FakeSpdyConnection, FakeSpdyOptions, ServerStream} from './fake-spdy.ts'
import {serveSpdy} from './fake-spdy.ts'
import {message, serveWebSocket} from './fake-websocket.ts'
import {eventually, pattern, sha256} from './support.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const headersOf = ({headers}: ServerStream) => headers

/** The stream of the same connection that has the errors. */
const errorsOf = (connection: FakeSpdyConnection, stream: ServerStream) => (
  [...connection.streams.values()].find(({headers}) => headers['streamtype'] === 'error' && headers['requestid'] === stream.headers['requestid'])?.id ?? 0
)

async function forward(options: FakeSpdyOptions, transport: 'auto' | 'spdy' = 'auto') {
  const server = await serveSpdy({protocol: 'portforward.k8s.io', ...options})
  let asked = 0
  const way = openPortForward({timeoutMs: 2000, transport, urlFor: async () => {
    asked++
    return `http://127.0.0.1:${server.port}/portforward/TOKEN`
  }})
  stops.push(() => way.close(), server.stop)
  return {server, way, asked: () => asked}
}

/** Sends back what comes, then ends. */
const echo: FakeSpdyOptions = {
  onData: (stream, connection, piece) => {
    if (stream.headers['streamtype'] !== 'data' || stream.reset) return
    connection.data(stream.id, piece, stream.finished)
    if (stream.finished) connection.data(errorsOf(connection, stream), '', true)
  },
}

describe('port-forward over SPDY/3.1', () => {
  test('opens a pair of streams for each connection, all on one URL', async () => {
    const {server, way, asked} = await forward(echo)
    const answers = await Promise.all([80, 8080].map(async (port) => {
      const connection = await way.connect(port)
      connection.end(`to ${port}`)
      return text(connection)
    }))
    expect(answers).toEqual(['to 80', 'to 8080'])
    expect([asked(), server.connections.length]).toEqual([1, 1])
    expect([...server.connections[0]?.streams.values() ?? []].map(headersOf)).toEqual([
      {streamtype: 'error', port: '80', requestid: '0'},
      {streamtype: 'data', port: '80', requestid: '0'},
      {streamtype: 'error', port: '8080', requestid: '1'},
      {streamtype: 'data', port: '8080', requestid: '1'},
    ])
  })

  test('10 MB there and back arrive as they were sent', async () => {
    const {way} = await forward(echo)
    const sent = pattern(10 * 1024 * 1024)
    const connection = await way.connect(80)
    Readable.from([sent]).pipe(connection)
    expect(sha256(await buffer(connection))).toBe(sha256(sent))
  })

  test('tells why the runtime could not connect, though the data ends first', async () => {
    const {way} = await forward({onStream: (stream, connection) => {
      if (stream.headers['streamtype'] !== 'data') return
      connection.data(stream.id, '', true)
      setTimeout(() => connection.data(errorsOf(connection, stream), 'connection refused in the pod', true), 20)
    }})
    const connection = await way.connect(80)
    await expect(text(connection)).rejects.toMatchObject({kind: 'failed', message: 'connection refused in the pod'})
  })

  test('a reset is an error, not an end', async () => {
    const {way} = await forward({onStream: (stream, connection) => {
      if (stream.headers['streamtype'] !== 'data') return
      connection.data(stream.id, 'half')
      connection.reset(stream.id)
      connection.reset(errorsOf(connection, stream))
    }})
    await expect(way.connect(80).then(text)).rejects.toMatchObject({kind: 'closed'})
  })

  test('destroying a connection resets its streams and leaves the others alone', async () => {
    const {server, way} = await forward(echo)
    const [one, two] = [await way.connect(80), await way.connect(81)]
    one.destroy()
    await eventually(() => [...server.connections[0]?.streams.values() ?? []].filter(({reset}) => reset).length === 2)
    two.end('still here')
    expect(await text(two)).toBe('still here')
  })

  test('a lost connection is dialled anew, with another URL', async () => {
    const {server, way, asked} = await forward(echo)
    const first = await way.connect(80)
    server.connections[0]?.socket.destroy()
    await expect(text(first)).rejects.toMatchObject({kind: 'closed'})
    const second = await way.connect(80)
    second.end('again')
    expect(await text(second)).toBe('again')
    expect(asked()).toBe(2)
  })

  test('one reader that does not read leaves a beginning of it to the others', async () => {
    const {way} = await forward({onStream: (stream, connection) => {
      if (stream.headers['streamtype'] === 'data') connection.data(stream.id, Buffer.alloc(512 * 1024), true)
    }})
    await way.connect(80)
    const other = await way.connect(81)
    expect((await buffer(other)).length).toBe(512 * 1024)
  })

  test('closing ends everything', async () => {
    const {server, way} = await forward(echo)
    const connection = await way.connect(80)
    way.close()
    expect(connection.destroyed).toBe(true)
    await eventually(() => server.connections[0]?.goneAway === true)
    await expect(way.connect(80)).rejects.toMatchObject({kind: 'aborted'})
  })
})

describe('port-forward over WebSocket', () => {
  const port = Buffer.from([0x90, 0x1f])

  async function forwardOver(known: readonly string[], answer: Buffer[], transport: 'auto' | 'websocket') {
    const server = await serveWebSocket(known, (socket) => {
      for (const one of answer) socket.send(one)
      socket.on('message', (data: Buffer) => {
        socket.send(data)
        socket.close(1000)
      })
    })
    const asked: number[] = []
    const way = openPortForward({timeoutMs: 2000, transport, urlFor: async (wanted) => {
      asked.push(wanted)
      return `http://127.0.0.1:${server.port}/portforward/TOKEN`
    }})
    stops.push(() => way.close(), server.stop)
    return {way, asked}
  }

  test('takes the ports off both channels and asks for a URL for each connection', async () => {
    const {way, asked} = await forwardOver(['v4.channel.k8s.io'], [message(0, port), message(1, port)], 'websocket')
    for (let times = 0; times < 2; times++) {
      const connection = await way.connect(8080)
      connection.write('hello')
      expect(await text(connection)).toBe('hello')
    }
    expect(asked).toEqual([8080, 8080])
  })

  test('is gone over to when SPDY is refused', async () => {
    const {way, asked} = await forwardOver(['v4.channel.k8s.io'], [message(0, port), message(1, port)], 'auto')
    const connection = await way.connect(8080)
    connection.write('hello')
    expect(await text(connection)).toBe('hello')
    expect(asked).toEqual([8080, 8080])
  })

  test('refuses another port than it asked for', async () => {
    const {way} = await forwardOver(['v4.channel.k8s.io'], [message(0, Buffer.from([1, 0]))], 'websocket')
    await expect(way.connect(8080).then(text)).rejects.toMatchObject({kind: 'protocol'})
  })

  test('tells what comes on the channel for errors', async () => {
    const server = await serveWebSocket(['v4.channel.k8s.io'], (socket) => {
      socket.send(message(1, Buffer.concat([port, Buffer.from('refused in the pod')])))
      socket.close(1000)
    })
    const way = openPortForward({timeoutMs: 2000, transport: 'websocket', urlFor: async () => `http://127.0.0.1:${server.port}/x`})
    stops.push(() => way.close(), server.stop)
    await expect(way.connect(8080).then(text)).rejects.toMatchObject({kind: 'failed', message: 'refused in the pod'})
  })
})

describe('listening', () => {
  async function listen(connectTo: (remote: number) => Promise<Duplex>) {
    const problems: unknown[] = []
    const listening = await listenAndForward({
      addresses: ['localhost'],
      pairs: [{local: 0, remote: 80}],
      connect: connectTo,
      onProblem: (_remote, error) => problems.push(error),
    })
    stops.push(listening.close)
    const client = (host: string): Socket => connect({host, port: listening.bound[0]?.port ?? 0, allowHalfOpen: true})
    return {listening, problems, client}
  }

  test('joins connections on all addresses, each direction ending by itself', async () => {
    const {way} = await forward(echo)
    const {listening, client} = await listen((remote) => way.connect(remote))
    expect(new Set(listening.bound.map(({port}) => port)).size).toBe(1)
    for (const {address} of listening.bound) {
      const socket = client(address)
      socket.end('ping')
      expect(await text(socket)).toBe('ping')
    }
  })

  test('one connection that fails is told of, and the next one works', async () => {
    const {way} = await forward(echo)
    let times = 0
    const {problems, client} = await listen(async (remote) => {
      if (times++ === 0) throw new Error('not this time')
      return way.connect(remote)
    })
    expect(await text(client('127.0.0.1'))).toBe('')
    const second = client('127.0.0.1')
    second.end('now')
    expect(await text(second)).toBe('now')
    expect(problems.map(String)).toEqual(['Error: not this time'])
  })

  test('a local end that goes away resets the one in the pod', async () => {
    const {server, way} = await forward(echo)
    const {client} = await listen((remote) => way.connect(remote))
    const socket = client('127.0.0.1')
    socket.write('x')
    await eventually(() => server.connections[0]?.byType('data') !== undefined)
    socket.resetAndDestroy()
    await eventually(() => server.connections[0]?.byType('data')?.reset === true)
  })

  test('a port in use is named', async () => {
    const {listening} = await listen(async () => Promise.reject(new Error('unused')))
    const taken = listening.bound[0]?.port ?? 0
    const again = listenAndForward({addresses: ['127.0.0.1'], pairs: [{local: taken, remote: 80}], connect: async () => Promise.reject(new Error('unused')), onProblem: () => undefined})
    await expect(again).rejects.toThrow(`port ${taken} of 127.0.0.1 is in use already`)
  })

  test.each([['8080:80', 8080, 80], ['80', 80, 80], [':80', 0, 80], ['0:443', 0, 443]])('“%s” is a pair of ports', (words, local, remote) => {
    expect(parsePortPair(words)).toEqual({local, remote})
  })

  test.each(['', ':', '80:', 'a:80', '0', '8080:0', '65536', '1:2:3', '-1', ' 80'])('“%s” is none', (words) => {
    expect(() => parsePortPair(words)).toThrow('no pair of ports')
  })
})
