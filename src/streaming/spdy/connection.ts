// SPDX-License-Identifier: Apache-2.0
import type {Socket} from 'node:net'
import {connectionLost, StreamingError} from '../errors.ts'
import type {FrameHandler} from './frames.ts'
import {controlFrame, dataHeader, FLAG_FIN, FRAME, FrameParser, headerBlock, malformed, RESET, words} from './frames.ts'

/** How a stream ended: the server finished it, reset it, or the connection is gone. */
export type StreamEnd = 'finished' | 'reset' | 'lost'

export interface SpdyEvents {
  /** @returns a promise to be waited for before more is read from the connection; undefined: go on */
  data(piece: Buffer): Promise<void> | undefined
  /** The server sends no more on this stream. Called once. */
  end(how: StreamEnd): void
}

/** How long what is written may take to be sent once nobody waits for an answer, in milliseconds. */
const LINGER_MS = 1000

/** Longest DATA frame that is sent. */
const MAX_SENT = 256 * 1024

/** One stream, opened by the client. */
export class SpdyStream {
  readonly #connection: SpdyConnection
  readonly #id: number
  #finished = false

  constructor(connection: SpdyConnection, id: number) {
    this.#connection = connection
    this.#id = id
  }

  /** Sends; the promise resolves when the connection takes more. Nothing happens after end() or reset(). */
  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#finished; start += MAX_SENT) {
      await this.#connection.sendData(this.#id, bytes.subarray(start, start + MAX_SENT), false)
    }
  }

  /** Half-closes: the server reads the end of this stream, and may go on sending. */
  end(): void {
    if (this.#finished) return
    this.#finished = true
    void this.#connection.sendData(this.#id, new Uint8Array(), true)
  }

  /** Gives the stream up in both directions. */
  reset(): void {
    this.#finished = true
    this.#connection.resetStream(this.#id)
  }
}

interface Opened {
  readonly stream: SpdyStream
  readonly events: SpdyEvents
  /** settles open(); undefined once the server replied */
  reply: {readonly resolve: (stream: SpdyStream) => void; readonly reject: (error: StreamingError) => void} | undefined
}

/**
 * The client side of a SPDY/3.1 connection on an upgraded socket.
 *
 * There is no flow control per stream, since spdystream, which all servers use, has none: it sends no WINDOW_UPDATE and
 * ignores those it gets, so a client that waited for window would hang after 64 KiB. What remains is TCP: a stream whose
 * data is not taken stops the whole connection.
 */
export class SpdyConnection implements FrameHandler {
  /** resolves when the connection is over; with an error unless this side closed it or the server said goodbye */
  readonly closed: Promise<StreamingError | undefined>
  readonly #socket: Socket
  readonly #streams = new Map<number, Opened>()
  readonly #parser = new FrameParser(this)
  readonly #setClosed: (error: StreamingError | undefined) => void
  #nextId = 1
  #holds = 0
  #saidGoodbye = false
  #over = false
  #drained: Promise<void> | undefined

  constructor(socket: Socket) {
    const {promise, resolve} = Promise.withResolvers<StreamingError | undefined>()
    this.closed = promise
    this.#setClosed = resolve
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error: Error) => this.#end(connectionLost(error)))
    socket.on('end', () => this.#end(connectionLost(undefined)))
    socket.on('close', () => this.#end(connectionLost(undefined)))
    socket.resume()
  }

  /** whether streams can still be opened */
  get usable(): boolean {
    return !this.#over && !this.#saidGoodbye
  }

  /**
   * Opens a stream and waits for the server's reply: spdystream drops data that comes before it has replied.
   *
   * @throws StreamingError `refused` when the server resets it, `timeout`, `closed`
   */
  async open(headers: Readonly<Record<string, string>>, events: SpdyEvents, timeoutMs: number): Promise<SpdyStream> {
    if (!this.usable) throw connectionLost(undefined)
    const id = this.#nextId
    this.#nextId += 2
    const stream = new SpdyStream(this, id)
    const {promise, resolve, reject} = Promise.withResolvers<SpdyStream>()
    this.#streams.set(id, {stream, events, reply: {resolve, reject}})
    // stream id, associated stream, priority and slot
    const body = Buffer.concat([words(id, 0), Buffer.alloc(2), headerBlock(headers, id === 1)])
    this.#socket.write(controlFrame(FRAME.synStream, 0, body))
    const late = setTimeout(() => {
      reject(new StreamingError('timeout', 'the streaming server does not accept a stream in time'))
      stream.reset()
    }, timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(late)
    }
  }

  /** For SpdyStream. The promise resolves when the socket takes more. */
  async sendData(id: number, bytes: Uint8Array, fin: boolean): Promise<void> {
    if (this.#over) return
    this.#socket.cork()
    this.#socket.write(dataHeader(id, bytes.length, fin))
    const more = bytes.length === 0 || this.#socket.write(bytes)
    this.#socket.uncork()
    if (!more) await this.#drain()
  }

  /** For SpdyStream. */
  resetStream(id: number): void {
    this.#streams.delete(id)
    if (!this.#over) this.#socket.write(controlFrame(FRAME.reset, 0, words(id, RESET.cancel)))
  }

  /** Gives up what is open, says goodbye and closes. */
  close(): void {
    if (this.#over) return
    for (const id of this.#streams.keys()) this.#socket.write(controlFrame(FRAME.reset, 0, words(id, RESET.cancel)))
    this.#socket.write(controlFrame(FRAME.goAway, 0, words(0, 0)))
    this.#end(undefined)
  }

  data(id: number, piece: Buffer, fin: boolean): void {
    const opened = this.#streams.get(id)
    if (opened === undefined) return
    if (opened.reply !== undefined) throw malformed('data for a stream before the reply to it')
    const wait = piece.length > 0 ? opened.events.data(piece) : undefined
    if (wait !== undefined) this.#holdUntil(wait)
    if (fin) this.#endStream(id, 'finished')
  }

  control(type: number, flags: number, body: Buffer): void {
    switch (type) {
      case FRAME.synReply:
        return this.#replied(streamIdOf(body), flags)
      case FRAME.reset:
        return this.#endStream(streamIdOf(body), 'reset')
      case FRAME.ping:
        return this.#ping(body)
      case FRAME.goAway:
        this.#saidGoodbye = true
        return
      case FRAME.headers:
        if (flags & FLAG_FIN) this.#endStream(streamIdOf(body), 'finished')
        return
      case FRAME.synStream:
        this.#socket.write(controlFrame(FRAME.reset, 0, words(streamIdOf(body), RESET.refused)))
        return
      case FRAME.settings:
      case FRAME.windowUpdate:
        return
      default:
        throw malformed(`a frame of type ${type}`)
    }
  }

  /** The headers of a reply say nothing in Kubernetes' protocols, and are not decompressed. */
  #replied(id: number, flags: number): void {
    const opened = this.#streams.get(id)
    opened?.reply?.resolve(opened.stream)
    if (opened) opened.reply = undefined
    if (flags & FLAG_FIN) this.#endStream(id, 'finished')
  }

  #endStream(id: number, how: StreamEnd): void {
    const opened = this.#streams.get(id)
    if (opened === undefined || !this.#streams.delete(id)) return
    opened.reply?.reject(new StreamingError('refused', 'the streaming server refused a stream'))
    opened.events.end(how)
  }

  /** Pings of the server have even numbers; ours would be odd, and there are none. */
  #ping(body: Buffer): void {
    const id = streamIdOf(body)
    if (id % 2 === 0) this.#socket.write(controlFrame(FRAME.ping, 0, words(id)))
  }

  #read(chunk: Buffer): void {
    if (this.#over) return
    try {
      this.#parser.push(chunk)
    } catch (error) {
      this.#end(error instanceof StreamingError ? error : connectionLost(error))
    }
  }

  #holdUntil(wait: Promise<void>): void {
    this.#holds++
    this.#socket.pause()
    void this.#releaseAfter(wait)
  }

  async #releaseAfter(wait: Promise<void>): Promise<void> {
    await wait
    this.#holds--
    if (this.#holds === 0 && !this.#over) this.#socket.resume()
  }

  async #drain(): Promise<void> {
    this.#drained ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done)
        this.#drained = undefined
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    })
    await this.#drained
  }

  #end(error: StreamingError | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#setClosed(this.#saidGoodbye && error?.kind === 'closed' ? undefined : error)
    for (const [id, {reply, events}] of this.#streams) {
      this.#streams.delete(id)
      reply?.reject(error ?? connectionLost(undefined))
      events.end('lost')
    }
    // What is written is still sent, but a peer that reads no more is not waited for; nor is any after a protocol error.
    if (error !== undefined) this.#socket.destroy()
    else {
      this.#socket.destroySoon()
      setTimeout(() => this.#socket.destroy(), LINGER_MS).unref()
    }
  }
}

function streamIdOf(body: Buffer): number {
  if (body.length < 4) throw malformed('a control frame that is too short')
  return body.readUInt32BE(0) & 0x7fffffff
}
