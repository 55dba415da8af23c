// SPDX-License-Identifier: Apache-2.0
import {aborted} from '../errors.ts'
import type {StreamingError} from '../errors.ts'
import type {CommandEvents, CommandProtocol, CommandSession, OutputStream, StreamRequest} from '../session.ts'
import type {SpdyConnection, SpdyEvents, SpdyStream, StreamEnd} from './connection.ts'
import {dialSpdy} from './dial.ts'

const PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const satisfies readonly CommandProtocol[]

/**
 * Opens an exec or attach over SPDY/3.1: one stream for each part, told apart by the header `streamType`.
 *
 * @throws StreamingError
 */
export async function openSpdyCommand(url: string, request: StreamRequest, events: CommandEvents): Promise<CommandSession> {
  const {connection, protocol = 'channel.k8s.io'} = await dialSpdy(url, PROTOCOLS, request)
  const session = new SpdyCommand(connection, protocol, events)
  const giveUp = () => connection.close()
  request.signal?.addEventListener('abort', giveUp)
  try {
    await session.open(request)
    return session
  } catch (error) {
    connection.close()
    throw request.signal?.aborted ? aborted() : error
  } finally {
    request.signal?.removeEventListener('abort', giveUp)
  }
}

class SpdyCommand implements CommandSession {
  readonly transport = 'spdy'
  readonly protocol: CommandProtocol
  readonly #connection: SpdyConnection
  readonly #events: CommandEvents
  #stdin: SpdyStream | undefined
  #resize: SpdyStream | undefined
  /** outputs that have not ended yet */
  #outputs = 0
  #open = false
  #end: {readonly error: StreamingError | undefined} | undefined

  constructor(connection: SpdyConnection, protocol: CommandProtocol, events: CommandEvents) {
    this.#connection = connection
    this.protocol = protocol
    this.#events = events
    void connection.closed.then((error) => this.#closed(error))
  }

  async open(request: StreamRequest): Promise<void> {
    const {timeoutMs} = request
    const open = (streamType: string, events: SpdyEvents) => this.#connection.open({streamType}, events, timeoutMs)
    const outputs: OutputStream[] = ['error']
    if (request.stdout) outputs.push('stdout')
    if (request.stderr && !request.tty) outputs.push('stderr')
    this.#outputs = outputs.length
    const canResize = this.protocol === 'v4.channel.k8s.io' || this.protocol === 'v3.channel.k8s.io'
    const [stdin, resize] = await Promise.all([
      request.stdin ? open('stdin', NOTHING) : undefined,
      request.tty && canResize ? open('resize', NOTHING) : undefined,
      ...outputs.map((name) => open(name, this.#outputEvents(name))),
    ])
    this.#stdin = stdin
    this.#resize = resize
    this.#open = true
    if (this.#end) this.#events.closed(this.#end.error)
  }

  async send(stream: 'stdin' | 'resize', bytes: Uint8Array): Promise<void> {
    await (stream === 'stdin' ? this.#stdin : this.#resize)?.write(bytes)
  }

  endStdin(): void {
    this.#stdin?.end()
  }

  close(): void {
    this.#connection.close()
  }

  #outputEvents(name: OutputStream): SpdyEvents {
    return {data: (piece) => this.#events.output(name, piece), end: (how) => this.#ended(how)}
  }

  /**
   * Servers reset what they have not finished when they are done, also after success: only a connection that is lost is an
   * error by itself.
   */
  #ended(how: StreamEnd): void {
    if (how === 'lost') return
    this.#outputs--
    if (this.#outputs === 0) this.#closed(undefined)
  }

  #closed(error: StreamingError | undefined): void {
    if (this.#end) return
    this.#end = {error}
    if (this.#open) this.#events.closed(error)
  }
}

const NOTHING: SpdyEvents = {data: () => undefined, end: () => undefined}
