// SPDX-License-Identifier: Apache-2.0
import type {IncomingMessage} from 'node:http'
import type WebSocket from 'ws'
import {aborted, boundedWords, connectionLost, StreamingError, upgradeRefused} from './errors.ts'
import type {ConnectOptions} from './target.ts'
import {connectTo, targetOf} from './target.ts'

/** Largest message that is taken, in bytes. The servers send what they read at once, 32 KiB at most. */
const MAX_MESSAGE = 16 * 1024 * 1024
/** Bytes that may wait to be sent. */
const MAX_WAITING = 1024 * 1024
/** Longest piece that is sent in a message; servers of golang.org/x/net take 32 MiB at most. */
const MAX_SENT = 256 * 1024
const MAX_REFUSAL = 8 * 1024
const REFUSAL_PATIENCE_MS = 1000

/** Code of a close message for an end in order (RFC 6455 section 7.4.1). */
const NORMAL = 1000

export interface ChannelEvents {
  /** @returns a promise to be waited for before more is read; undefined: go on */
  message(channel: number, piece: Buffer): Promise<void> | undefined
  /** Nothing more will come; an error unless the server said goodbye. Called once, and never for a socket that did not open. */
  closed(error: StreamingError | undefined): void
}

/** A WebSocket that carries numbered channels: each message begins with the number of its channel. */
export class ChannelSocket {
  readonly #socket: WebSocket
  readonly #events: ChannelEvents
  #holds = 0
  #open = false
  #over = false

  constructor(socket: WebSocket, events: ChannelEvents) {
    this.#socket = socket
    this.#events = events
    socket.once('open', () => {
      this.#open = true
    })
    socket.on('message', (data: Buffer) => this.#message(data))
    socket.on('error', (error: Error) => this.#end(explain(error)))
    socket.on('close', (code: number, reason: Buffer) => this.#end(endOf(code, reason)))
  }

  /** the subprotocol that the server chose; empty when it did not say */
  get protocol(): string {
    return this.#socket.protocol
  }

  /** Sends; the promise resolves when the connection takes more. */
  async send(channel: number, bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#over; start += MAX_SENT) {
      const piece = bytes.subarray(start, start + MAX_SENT)
      const message = Buffer.allocUnsafe(piece.length + 1)
      message[0] = channel
      message.set(piece, 1)
      await this.#send(message)
    }
  }

  /** Says that nothing more comes on a channel, in v5. */
  endChannel(channel: number): void {
    if (!this.#over) void this.#send(Buffer.from([CLOSE_SIGNAL, channel]))
  }

  close(): void {
    if (this.#over) return
    this.#end(undefined)
    this.#socket.resume()
    this.#socket.close(NORMAL)
    // A server that does not answer is not waited for: ws itself would, for half a minute.
    setTimeout(() => this.#socket.terminate(), 500).unref()
  }

  async #send(message: Buffer): Promise<void> {
    const sent = new Promise<void>((resolve) => {
      this.#socket.send(message, () => resolve())
    })
    if (this.#socket.bufferedAmount > MAX_WAITING) await sent
  }

  #message(data: Buffer): void {
    const [channel] = data
    if (this.#over || channel === undefined || data.length < 2) return
    if (channel === CLOSE_SIGNAL) return
    const wait = this.#events.message(channel, data.subarray(1))
    if (wait === undefined) return
    this.#holds++
    this.#socket.pause()
    void this.#releaseAfter(wait)
  }

  async #releaseAfter(wait: Promise<void>): Promise<void> {
    await wait
    this.#holds--
    if (this.#holds === 0) this.#socket.resume()
  }

  #end(error: StreamingError | undefined): void {
    if (this.#over) return
    this.#over = true
    if (this.#open) this.#events.closed(error)
  }
}

const CLOSE_SIGNAL = 255

/**
 * Opens a WebSocket in one of the subprotocols.
 *
 * @throws StreamingError
 */
export async function dialWebSocket(url: string, protocols: readonly string[], options: ConnectOptions, events: ChannelEvents): Promise<ChannelSocket> {
  const target = targetOf(url)
  // Not at once: nobody would listen to the socket while ws is being loaded.
  const {WebSocket: Socket} = await import('ws')
  const connected = await connectTo(target, options)
  const address = `${target.secure ? 'wss' : 'ws'}://${target.authority}${target.path}`
  const socket = new Socket(address, [...protocols], {
    createConnection: () => connected,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_MESSAGE,
    skipUTF8Validation: true,
  })
  // Listening before the upgrade is done: messages may come in the same packet.
  const channels = new ChannelSocket(socket, events)
  await opened(socket, options)
  return channels
}

async function opened(socket: WebSocket, {timeoutMs, signal}: ConnectOptions): Promise<void> {
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new StreamingError('timeout', 'the streaming server does not answer')), timeoutMs)
  const onAbort = () => reject(aborted())
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  socket.once('open', resolve)
  socket.once('error', (error) => reject(explain(error)))
  socket.once('unexpected-response', (_request: unknown, answer: IncomingMessage) => {
    clearTimeout(late)
    void bodyOf(answer).then((body) => reject(upgradeRefused(answer.statusCode ?? 0, body)))
  })
  try {
    await promise
  } catch (error) {
    socket.on('error', () => undefined).terminate()
    throw error
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** The beginning of an answer's body, as far as it comes soon. */
async function bodyOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, REFUSAL_PATIENCE_MS)
    const done = () => {
      clearTimeout(patience)
      resolve()
    }
    answer.on('end', done).on('close', done).on('error', done).on('data', (piece: Buffer) => {
      parts.push(piece)
      length += piece.length
      if (length >= MAX_REFUSAL) done()
    })
  })
  answer.destroy()
  return Buffer.concat(parts).toString('utf8', 0, MAX_REFUSAL)
}

/** Errors of ws have codes for what the peer did wrong; those of the system have an errno. */
function explain(error: Error & {readonly code?: unknown}): StreamingError {
  if (error instanceof StreamingError) return error
  const {code} = error
  const ofProtocol = typeof code === 'string' && (code.startsWith('WS_ERR') || code.startsWith('HPE_'))
  if (!ofProtocol && code !== undefined) return connectionLost(error)
  return new StreamingError('protocol', `the streaming server does not speak WebSocket as it should: ${boundedWords(error.message)}`)
}

function endOf(code: number, reason: Buffer): StreamingError | undefined {
  // 1005: a close message without a code, 1006: none at all
  if (code === NORMAL || code === 1005) return undefined
  if (code === 1006) return connectionLost(undefined)
  const words = boundedWords(reason)
  const said = words === '' ? '' : `: ${words}`
  return new StreamingError('closed', `the streaming server ended the session (WebSocket code ${code})${said}`)
}
