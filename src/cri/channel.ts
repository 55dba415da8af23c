// SPDX-License-Identifier: Apache-2.0
import type {ChannelOptions} from '@grpc/grpc-js'
import {Channel as GrpcChannel, credentials, Metadata} from '@grpc/grpc-js'
import {CriError, connectError, malformedError, statusError} from './errors.ts'
import type {Rpc, StreamRpc} from './rpc.ts'
import {connectPath, connectProblem, errorName, tcpProblem} from './socket-path.ts'

/** The versions of the CRI that are still met, best first. Their messages are the same on the wire, see proto/. */
export const CRI_VERSIONS = ['v1', 'v1alpha2'] as const

export type CriVersion = (typeof CRI_VERSIONS)[number]

/** Where a runtime listens. */
export type CriAddress =
  /** path on this machine, of any length */
  | {readonly kind: 'unix'; readonly path: string}
  | {readonly kind: 'tcp'; readonly host: string; readonly port: number}

export interface CallLimits {
  /** how long to wait for the whole answer, in milliseconds; undefined: as long as it takes */
  readonly timeoutMs?: number | undefined
  /** ends the call */
  readonly signal?: AbortSignal | undefined
}

/** What containerd (16 MiB) and CRI-O (80 MiB) send at most; grpc-js would take 4 MiB, about 6,000 containers. */
const MAX_ANSWER_BYTES = 80 * 1024 * 1024

/** What a runtime may send ahead, of one answer and of all: with HTTP/2's own 64 KiB it waits for us after some eight containers. */
const WINDOW_BYTES = 1024 * 1024

const CHANNEL: ChannelOptions = {
  // Go's HTTP/2 refuses the escaped path that other clients send as authority of a unix socket.
  'grpc.default_authority': 'localhost',
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc-node.flow_control_window': WINDOW_BYTES,
  // A connection of its own, so that close() closes it.
  'grpc.use_local_subchannel_pool': 1,
}

/** A call in which both sides send messages, bytes in and bytes out. */
export interface DuplexCall {
  /** waits while the server takes nothing; where the call has failed the answers say so */
  write(message: Uint8Array): Promise<void>
  /** no more messages */
  end(): void
  /** rejects with a CriError; leaving it ends the call */
  readonly answers: AsyncGenerator<Uint8Array>
}

/** How a call ended: a status code of gRPC, and the words with it. */
interface Status {
  readonly code: number
  readonly details: string
}

interface Listener {
  readonly message: (bytes: Uint8Array) => void
  /** told once, last */
  readonly end: (status: Status) => void
}

/** What of a call of grpc-js is used here. */
interface Call {
  /** lets one more message come */
  startRead(): void
  sendMessageWithContext(context: {readonly callback?: () => void}, message: Buffer): void
  halfClose(): void
  cancelWithStatus(code: number, details: string): void
}

const [OK, CANCELLED] = [0, 1]

/**
 * One connection to a CRI endpoint, made with the first call. Every call rejects with a CriError.
 *
 * Calls are those of grpc-js' channel. Its `Client` would put interceptors, events and streams around them, which nothing here
 * uses and which are a third of the work of a call.
 */
export class Channel {
  readonly #channel: GrpcChannel
  readonly #target: Target
  readonly #headers = new Metadata()

  /**
   * @param headers metadata of every call
   * @throws CriError when the address cannot be used at all
   */
  constructor(address: CriAddress, headers: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(headers)) this.#headers.set(name, value)
    this.#target = targetOf(address)
    try {
      this.#channel = new GrpcChannel(this.#target.name, credentials.createInsecure(), CHANNEL)
    } catch {
      // A line break in the path is no part of an address to grpc-js.
      this.#target.release()
      throw connectError('EINVAL')
    }
  }

  async call<Request, Response>(api: CriVersion, rpc: Rpc<Request, Response>, request: Request, limits: CallLimits): Promise<Response> {
    return decode(rpc, await this.raw(pathOf(api, rpc), rpc.request.encode(request).finish(), limits))
  }

  /** A call of a service that is none of the CRI, bytes in and bytes out. */
  async raw(path: string, request: Uint8Array, limits: CallLimits): Promise<Uint8Array> {
    let answer: Uint8Array | undefined
    const {code, details} = await new Promise<Status>((end) => {
      const call = this.#start(path, limits, {end, message: (bytes) => { answer = bytes }})
      call.startRead()
      call.sendMessageWithContext({}, toBuffer(request))
      call.halfClose()
    })
    if (code !== OK) throw await this.#problem({code, details})
    if (answer === undefined) throw malformedError(new Error('it is missing'))
    return answer
  }

  /** The messages of a streamed answer, as fast as they are taken. */
  async *stream<Request, Response>(api: CriVersion, rpc: StreamRpc<Request, Response>, request: Request, limits: CallLimits): AsyncGenerator<Response> {
    const inbox = new Inbox()
    const call = this.#start(pathOf(api, rpc), limits, inbox)
    call.sendMessageWithContext({}, toBuffer(rpc.request.encode(request).finish()))
    call.halfClose()
    for await (const bytes of this.#answers(call, inbox)) yield decode(rpc, bytes)
  }

  /** A call of a service that is none of the CRI, with a stream in both directions. */
  duplex(path: string, limits: Pick<CallLimits, 'signal'>): DuplexCall {
    const inbox = new Inbox()
    const call = this.#start(path, limits, inbox)
    // grpc-js takes one message at a time.
    let taken = Promise.resolve()
    return {
      write: async (message) => {
        await Promise.race([taken, inbox.ended])
        if (inbox.over) return
        taken = new Promise((callback) => { call.sendMessageWithContext({callback}, toBuffer(message)) })
      },
      end: () => void Promise.race([taken, inbox.ended]).then(() => call.halfClose()),
      answers: this.#answers(call, inbox),
    }
  }

  /** Ends what is still under way and lets the process end. */
  close(): void {
    this.#channel.close()
    this.#target.release()
  }

  #start(path: string, {timeoutMs, signal}: CallLimits, listener: Listener): Call {
    const call = this.#channel.createCall(path, timeoutMs === undefined ? Infinity : Date.now() + timeoutMs, null, null, null)
    const cancel = () => call.cancelWithStatus(CANCELLED, 'cancelled by rtctl')
    call.start(this.#headers, {
      onReceiveMetadata: () => undefined,
      onReceiveMessage: listener.message,
      onReceiveStatus: (status) => {
        signal?.removeEventListener('abort', cancel)
        listener.end(status)
      },
    })
    signal?.addEventListener('abort', cancel)
    if (signal?.aborted) cancel()
    return call
  }

  async *#answers(call: Call, inbox: Inbox): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        call.startRead()
        const event = await inbox.take()
        if (event instanceof Uint8Array) yield event
        else if (event.code === OK) return
        else throw await this.#problem(event)
      }
    } finally {
      call.cancelWithStatus(CANCELLED, 'not wanted any more')
    }
  }

  async #problem({code, details}: Status): Promise<CriError> {
    return madeByClient(details) ? connectError(await this.#target.problem()) : statusError(code, details)
  }
}

/** What came of a call and was not taken yet. */
class Inbox implements Listener {
  /** when the call is over */
  readonly ended: Promise<void>
  over = false
  readonly #events: (Uint8Array | Status)[] = []
  readonly #sayEnded: () => void
  #wake: (() => void) | undefined

  constructor() {
    const {promise, resolve} = Promise.withResolvers<void>()
    this.ended = promise
    this.#sayEnded = resolve
  }

  readonly message = (bytes: Uint8Array): void => this.#put(bytes)

  readonly end = (status: Status): void => {
    this.over = true
    this.#sayEnded()
    this.#put(status)
  }

  /** The next message, or how the call ended; waits for it. */
  async take(): Promise<Uint8Array | Status> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) return event
      await new Promise<void>((resolve) => { this.#wake = resolve })
    }
  }

  #put(event: Uint8Array | Status): void {
    this.#events.push(event)
    this.#wake?.()
  }
}

/** An address in grpc-js' words, and how to find out why it cannot be connected to. */
interface Target {
  readonly name: string
  readonly problem: () => Promise<string | undefined>
  readonly release: () => void
}

function targetOf(address: CriAddress): Target {
  if (address.kind === 'tcp') {
    const {host, port} = address
    const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    return {name: `dns:${name}`, problem: () => tcpProblem(host, port), release: () => undefined}
  }
  try {
    const {path, release} = connectPath(address.path)
    return {name: `unix:${path}`, problem: () => connectProblem(path), release}
  } catch (error) {
    throw connectError(errorName(error))
  }
}

function pathOf(api: CriVersion, {service, method}: {readonly service: string; readonly method: string}): string {
  return `/runtime.${api}.${service}/${method}`
}

function decode<Response>(rpc: Rpc<never, Response> | Rpc<unknown, Response>, bytes: Uint8Array): Response {
  try {
    return rpc.response.decode(bytes)
  } catch (error) {
    throw malformedError(error)
  }
}

/**
 * Whether a status stands for a connection that was never made. grpc-js then puts the reason, the path and the time
 * into one sentence (internal-channel.js, load-balancer-pick-first.js), so the system is asked instead.
 */
function madeByClient(details: string): boolean {
  return details.startsWith('No connection established')
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
