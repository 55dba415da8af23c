// SPDX-License-Identifier: Apache-2.0
import type {Server, Socket} from 'node:net'
import {createServer} from 'node:net'
import {createServer as createTlsServer} from 'node:tls'
import {inflateRawSync, constants} from 'node:zlib'

/** A stream that the client opened, as the server sees it. */
export interface ServerStream {
  readonly id: number
  readonly headers: Readonly<Record<string, string>>
  readonly received: Buffer[]
  /** the client sends no more on it */
  finished: boolean
  /** the client gave it up */
  reset: boolean
}

interface Tls {
  readonly key: string
  readonly cert: string
}

export interface FakeSpdyOptions {
  /** subprotocol to answer with; undefined: no header */
  readonly protocol?: string | undefined
  /** called when a stream was opened and replied to */
  readonly onStream?: (stream: ServerStream, connection: FakeSpdyConnection) => void
  /** called for data, its end and resets, after it was noted in the stream */
  readonly onData?: (stream: ServerStream, connection: FakeSpdyConnection, piece: Buffer) => void
  /** listens with TLS */
  readonly tls?: Tls
  /** sends no SYN_REPLY */
  readonly silent?: boolean
}

const HEADER = 8

/** Reads frames by its own means: what is tested must not test itself. */
export class FakeSpdyConnection {
  readonly streams = new Map<number, ServerStream>()
  readonly pings: number[] = []
  goneAway = false
  readonly socket: Socket
  readonly #options: FakeSpdyOptions
  #bytes: Buffer = Buffer.alloc(0)

  constructor(socket: Socket, options: FakeSpdyOptions) {
    this.socket = socket
    this.#options = options
  }

  /** The stream of a type, once it is open. */
  byType(type: string): ServerStream | undefined {
    return [...this.streams.values()].find(({headers}) => headers['streamtype'] === type)
  }

  read(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= HEADER) {
      const length = this.#bytes.readUIntBE(5, 3)
      if (this.#bytes.length < HEADER + length) return
      const frame = this.#bytes.subarray(0, HEADER + length)
      this.#bytes = this.#bytes.subarray(HEADER + length)
      this.#frame(frame)
    }
  }

  data(id: number, content: Buffer | string, fin = false): boolean {
    const bytes = Buffer.from(content)
    const header = Buffer.alloc(HEADER)
    header.writeUInt32BE(id, 0)
    header.writeUInt32BE(bytes.length, 4)
    header.writeUInt8(fin ? 1 : 0, 4)
    return this.socket.write(Buffer.concat([header, bytes]))
  }

  control(type: number, flags: number, ...values: readonly number[]): void {
    const frame = Buffer.alloc(HEADER + values.length * 4)
    frame.writeUInt16BE(0x8003, 0)
    frame.writeUInt16BE(type, 2)
    frame.writeUInt32BE(values.length * 4, 4)
    frame.writeUInt8(flags, 4)
    for (const [index, value] of values.entries()) frame.writeUInt32BE(value, HEADER + index * 4)
    this.socket.write(frame)
  }

  reset(id: number): void {
    this.control(3, 0, id, 5)
  }

  goAway(): void {
    this.control(7, 0, 0, 0)
  }

  #frame(frame: Buffer): void {
    const first = frame.readUInt32BE(0)
    const body = frame.subarray(HEADER)
    if (first < 0x80000000) return this.#data(first, body, frame.readUInt8(4) === 1)
    const type = first & 0xffff
    if (type === 1) this.#opened(body)
    else if (type === 3) this.#reset(body.readUInt32BE(0))
    else if (type === 6) this.pings.push(body.readUInt32BE(0))
    else if (type === 7) this.goneAway = true
    else throw new Error(`the client sent a frame of type ${type}`)
  }

  #opened(body: Buffer): void {
    const id = body.readUInt32BE(0)
    const stream: ServerStream = {id, headers: this.#headers(body.subarray(10)), received: [], finished: false, reset: false}
    this.streams.set(id, stream)
    if (this.#options.silent) return
    this.control(2, 0, id)
    this.#options.onStream?.(stream, this)
  }

  #headers(block: Buffer): Record<string, string> {
    const first = this.streams.size === 0
    if (first && block.toString('hex', 0, 6) !== '78bbe3c6a7c2') throw new Error('the first block does not name the dictionary of SPDY/3')
    const content = inflateRawSync(block.subarray(first ? 6 : 0), {finishFlush: constants.Z_SYNC_FLUSH})
    const headers: Record<string, string> = {}
    let offset = 4
    const text = () => {
      const length = content.readUInt32BE(offset)
      offset += 4 + length
      return content.toString('utf8', offset - length, offset)
    }
    for (let left = content.readUInt32BE(0); left > 0; left--) {
      const name = text()
      headers[name] = text()
    }
    return headers
  }

  #data(id: number, piece: Buffer, fin: boolean): void {
    const stream = this.streams.get(id)
    if (stream === undefined) throw new Error('data for a stream that is not open')
    stream.received.push(Buffer.from(piece))
    if (fin) stream.finished = true
    this.#options.onData?.(stream, this, piece)
  }

  #reset(id: number): void {
    const stream = this.streams.get(id)
    if (stream === undefined) return
    stream.reset = true
    this.#options.onData?.(stream, this, Buffer.alloc(0))
  }
}

export interface FakeServer {
  readonly port: number
  readonly connections: readonly FakeSpdyConnection[]
  /** request heads, in order */
  readonly requests: readonly string[]
  readonly stop: () => void
}

/** A server that answers every request with an upgrade to SPDY/3.1, as the streaming servers of the runtimes do. */
export async function serveSpdy(options: FakeSpdyOptions): Promise<FakeServer> {
  const connections: FakeSpdyConnection[] = []
  const {protocol} = options
  const raw = await serveRaw((socket, rest) => {
    const header = protocol === undefined ? '' : `X-Stream-Protocol-Version: ${protocol}\r\n`
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${header}\r\n`)
    const connection = new FakeSpdyConnection(socket, options)
    connections.push(connection)
    socket.on('data', (chunk: Buffer) => connection.read(chunk))
    if (rest.length > 0) connection.read(rest)
  }, options.tls)
  return {...raw, connections}
}

/** A server that hands over the socket once the head of a request is read. */
export async function serveRaw(answer: (socket: Socket, rest: Buffer, head: string) => void, tls?: Tls): Promise<Omit<FakeServer, 'connections'>> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let bytes = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', onData)
      requests.push(bytes.toString('latin1', 0, end))
      answer(socket, bytes.subarray(end + 4), bytes.toString('latin1', 0, end))
    }
    socket.on('data', onData)
  }
  const server: Server = tls ? createTlsServer(tls, accept) : createServer({noDelay: true}, accept)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const stop = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {port: address.port, requests, stop}
}
