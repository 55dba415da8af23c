// SPDX-License-Identifier: Apache-2.0
import {Duplex} from 'node:stream'
import {aborted, boundedWords, connectionLost, StreamingError} from './errors.ts'
import {mayOtherWork} from './open.ts'
import type {Transport} from './session.ts'
import type {SpdyConnection, SpdyEvents, StreamEnd} from './spdy/connection.ts'
import {dialSpdy} from './spdy/dial.ts'
import {StatusCollector} from './status.ts'
import type {ConnectOptions} from './target.ts'
import {dialWebSocket} from './websocket.ts'

export interface PortForwardRequest extends ConnectOptions {
  /** Asks the runtime for a URL (PortForward of the CRI, with that port). A URL works once. */
  readonly urlFor: (port: number) => Promise<string>
  readonly transport?: Transport | undefined
}

/** The ports of a pod sandbox. */
export interface PortForward {
  /**
   * Connects to a port of the pod. Ending the writable side half-closes, destroying resets. The runtime connects after this
   * has returned: when it cannot, or the other end breaks off, the stream is destroyed with a StreamingError.
   *
   * @throws StreamingError when the streaming server cannot be reached or refuses
   */
  connect(port: number): Promise<Duplex>
  /** Closes all connections. */
  close(): void
}

/** What one connection may hold back before the connections beside it have to wait for its reader, in bytes. */
const READ_AHEAD = 1024 * 1024

/**
 * Opens the way to a pod's ports. Nothing is dialled before the first connection, and what broke is dialled anew for the
 * next one.
 *
 * `auto` is SPDY/3.1 first: there, one URL carries any number of connections and each half-closes by itself. Over WebSocket
 * (`v4.channel.k8s.io`, channel 0 data, 1 errors, both beginning with the port) a URL carries one connection per port and
 * nothing can be half-closed. SPDY inside of WebSocket is spoken by the API server and the kubelet, by no CRI runtime.
 */
export function openPortForward(request: PortForwardRequest): PortForward {
  return new Forward(request)
}

class Forward implements PortForward {
  readonly #request: PortForwardRequest
  readonly #connections = new Set<Duplex>()
  readonly #onAbort = () => this.close()
  #transport: Transport
  #spdy: Promise<SpdyConnection> | undefined
  #nextRequest = 0
  #closed = false

  constructor(request: PortForwardRequest) {
    this.#request = request
    this.#transport = request.transport ?? 'auto'
    request.signal?.addEventListener('abort', this.#onAbort)
  }

  async connect(port: number): Promise<Duplex> {
    if (this.#closed || this.#request.signal?.aborted) throw aborted()
    const connection = await this.#open(port)
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    // A failure belongs to whoever uses the connection, who may not listen yet.
    connection.on('error', () => undefined)
    if (this.#closed) connection.destroy()
    return connection
  }

  close(): void {
    this.#closed = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    for (const connection of this.#connections) connection.destroy()
    void this.#spdy?.then((spdy) => spdy.close(), () => undefined)
  }

  async #open(port: number): Promise<Duplex> {
    if (this.#transport === 'websocket') return overWebSocket(this.#request, port)
    try {
      const spdy = await this.#usableSpdy(port)
      return await overSpdy(spdy, port, String(this.#nextRequest++), this.#request.timeoutMs)
    } catch (error) {
      if (this.#transport === 'spdy' || !mayOtherWork(error)) throw error
      const connection = await overWebSocket(this.#request, port)
      this.#transport = 'websocket'
      return connection
    }
  }

  /** Connections that come at once share one that is being dialled. */
  async #usableSpdy(port: number): Promise<SpdyConnection> {
    const known = this.#spdy
    const connection = await known?.catch(() => undefined)
    if (connection?.usable) return connection
    const next = this.#spdy === known || this.#spdy === undefined ? this.#dial(port) : this.#spdy
    this.#spdy = next
    return next
  }

  async #dial(port: number): Promise<SpdyConnection> {
    const {connection} = await dialSpdy(await this.#request.urlFor(port), ['portforward.k8s.io'], this.#request)
    if (this.#closed) connection.close()
    return connection
  }
}

async function overSpdy(spdy: SpdyConnection, port: number, requestID: string, timeoutMs: number): Promise<Duplex> {
  const errors = new StatusCollector()
  const errorsEnded = Promise.withResolvers<void>()
  const reading = new Reading()
  const ended = async (how: StreamEnd) => {
    // containerd closes the data before it says why it could not connect.
    if (how !== 'finished') await errorsEnded.promise
    else if (!reading.begun) await Promise.race([errorsEnded.promise, pause(LATE_ERROR_MS)])
    reading.end(problemOf(errors, how === 'finished' ? undefined : brokenOff(how)))
  }
  const open = (streamType: string, events: SpdyEvents) => spdy.open({streamType, port: String(port), requestID}, events, timeoutMs)
  const [error, data] = await Promise.all([
    open('error', {data: (piece) => errors.add(piece), end: () => errorsEnded.resolve()}),
    open('data', {data: (piece) => reading.push(piece), end: (how) => void ended(how)}),
  ])
  error.end()
  void failLate(errorsEnded.promise, errors, reading)
  const destroy = () => {
    data.reset()
    error.reset()
  }
  return reading.attach({write: (bytes) => data.write(bytes), end: () => data.end(), destroy})
}

/** What goes wrong later ends the connection too, whatever its data says. */
async function failLate(errorsEnded: Promise<void>, errors: StatusCollector, reading: Reading): Promise<void> {
  await errorsEnded
  const problem = problemOf(errors, undefined)
  if (problem) reading.end(problem)
}

/** How long an end without any data waits for the reason, in milliseconds. */
const LATE_ERROR_MS = 200

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref())
}

function brokenOff(how: StreamEnd): StreamingError {
  return how === 'lost' ? connectionLost(undefined) : new StreamingError('closed', 'the other end broke off the connection')
}

async function overWebSocket(request: PortForwardRequest, port: number): Promise<Duplex> {
  const errors = new StatusCollector()
  const reading = new Reading()
  const channels = [new PortPrefix(port), new PortPrefix(port)] as const
  const socket = await dialWebSocket(await request.urlFor(port), ['v4.channel.k8s.io'], request, {
    message: (channel, piece) => {
      const content = channels[channel]?.strip(piece)
      if (content === 'wrong') reading.end(new StreamingError('protocol', 'the streaming server forwards another port than was asked for'))
      else if (content !== undefined && channel === 1) errors.add(content)
      else if (content !== undefined) return reading.push(content)
      return undefined
    },
    closed: (error) => reading.end(problemOf(errors, error)),
  })
  return reading.attach({write: (bytes) => socket.send(0, bytes), end: () => undefined, destroy: () => socket.close()})
}

/** Each channel begins with the port, 16 bits, little endian (k8s.io/cri-streaming pkg/streaming/portforward/websocket.go). */
class PortPrefix {
  readonly #port: number
  #seen: Buffer = Buffer.alloc(0)

  constructor(port: number) {
    this.#port = port
  }

  strip(piece: Buffer): Buffer | 'wrong' | undefined {
    if (this.#seen.length === 2) return piece
    const missing = 2 - this.#seen.length
    this.#seen = Buffer.concat([this.#seen, piece.subarray(0, missing)])
    if (this.#seen.length < 2) return undefined
    if (this.#seen.readUInt16LE(0) !== this.#port) return 'wrong'
    return piece.length > missing ? piece.subarray(missing) : undefined
  }
}

function problemOf(errors: StatusCollector, otherwise: StreamingError | undefined): StreamingError | undefined {
  const words = boundedWords(errors.bytes)
  return words === '' ? otherwise : new StreamingError('failed', words)
}

interface Writing {
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly end: () => void
  readonly destroy: () => void
}

/** The Duplex of a connection; data may come before the writing side is known. */
class Reading {
  /** whether data came */
  begun = false
  #writing: Writing | undefined
  #early: StreamingError | undefined
  #wanted: {readonly promise: Promise<void>; readonly resolve: () => void} | undefined
  readonly #duplex = new Duplex({
    allowHalfOpen: true,
    readableHighWaterMark: READ_AHEAD,
    read: () => {
      this.#wanted?.resolve()
      this.#wanted = undefined
    },
    write: (chunk: Buffer, _encoding, done) => void this.#write(chunk, done),
    final: (done) => {
      this.#writing?.end()
      done()
    },
    destroy: (error, done) => {
      this.#wanted?.resolve()
      this.#writing?.destroy()
      done(error)
    },
  })

  /** @throws StreamingError what ended the connection already: nobody could have listened for it */
  attach(writing: Writing): Duplex {
    this.#writing = writing
    if (this.#early === undefined) return this.#duplex
    this.#duplex.destroy()
    throw this.#early
  }

  push(piece: Buffer): Promise<void> | undefined {
    this.begun = true
    if (this.#duplex.destroyed || this.#duplex.readableEnded) return undefined
    if (this.#duplex.push(piece)) return undefined
    this.#wanted ??= Promise.withResolvers<void>()
    return this.#wanted.promise
  }

  async #write(chunk: Buffer, done: (error?: Error) => void): Promise<void> {
    await this.#writing?.write(chunk)
    done()
  }

  end(error: StreamingError | undefined): void {
    if (error === undefined) {
      if (!this.#duplex.destroyed) this.#duplex.push(null)
    } else if (this.#writing === undefined) this.#early ??= error
    else this.#duplex.destroy(error)
  }
}
