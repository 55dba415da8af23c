// SPDX-License-Identifier: Apache-2.0
import type {CallOptions, ChannelOptions, ServiceError} from '@grpc/grpc-js'
import {Client, credentials, Metadata} from '@grpc/grpc-js'
import {once} from 'node:events'
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

const CHANNEL: ChannelOptions = {
  // Go's HTTP/2 refuses the escaped path that other clients send as authority of a unix socket.
  'grpc.default_authority': 'localhost',
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
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

/** One connection to a CRI endpoint, made with the first call. Every call rejects with a CriError. */
export class Channel {
  readonly #client: Client
  readonly #target: Target
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param headers metadata of every call
   * @throws CriError when the address cannot be used at all
   */
  constructor(address: CriAddress, headers: Readonly<Record<string, string>> = {}) {
    this.#headers = headers
    this.#target = targetOf(address)
    try {
      this.#client = new Client(this.#target.name, credentials.createInsecure(), CHANNEL)
    } catch {
      // A line break in the path is no part of an address to grpc-js.
      this.#target.release()
      throw connectError('EINVAL')
    }
  }

  async call<Request, Response>(api: CriVersion, rpc: Rpc<Request, Response>, request: Request, limits: CallLimits): Promise<Response> {
    try {
      return decode(rpc, await this.#unary(pathOf(api, rpc), rpc.request.encode(request).finish(), limits))
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  /** A call of a service that is none of the CRI, bytes in and bytes out. */
  async raw(path: string, request: Uint8Array, limits: CallLimits): Promise<Uint8Array> {
    try {
      return await this.#unary(path, request, limits)
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  /** The messages of a streamed answer, as fast as they are taken. */
  async *stream<Request, Response>(api: CriVersion, rpc: StreamRpc<Request, Response>, request: Request, limits: CallLimits): AsyncGenerator<Response> {
    const bytes = rpc.request.encode(request).finish()
    const call = this.#client.makeServerStreamRequest<Uint8Array, Uint8Array>(pathOf(api, rpc), toBuffer, same, bytes, this.#metadata(), callOptions(limits))
    const cancel = () => call.cancel()
    limits.signal?.addEventListener('abort', cancel)
    try {
      if (limits.signal?.aborted) cancel()
      for await (const message of call as AsyncIterable<Uint8Array>) yield decode(rpc, message)
    } catch (error) {
      throw await this.#explain(error)
    } finally {
      limits.signal?.removeEventListener('abort', cancel)
      cancel()
    }
  }

  /** A call of a service that is none of the CRI, with a stream in both directions. */
  duplex(path: string, {signal}: Pick<CallLimits, 'signal'>): DuplexCall {
    const call = this.#client.makeBidiStreamRequest<Uint8Array, Uint8Array>(path, toBuffer, same, this.#metadata())
    const cancel = () => call.cancel()
    signal?.addEventListener('abort', cancel)
    if (signal?.aborted) cancel()
    let over = false
    const ended = new Promise<void>((resolve) => {
      call.once('close', () => {
        over = true
        resolve()
      })
      // Told by the answers; without a listener it would end the process.
      call.on('error', () => undefined)
    })
    return {
      write: async (message) => {
        if (over || call.write(message)) return
        await Promise.race([once(call, 'drain').catch(() => undefined), ended])
      },
      end: () => call.end(),
      answers: this.#answers(call, () => {
        signal?.removeEventListener('abort', cancel)
        cancel()
      }),
    }
  }

  async *#answers(messages: AsyncIterable<Uint8Array>, release: () => void): AsyncGenerator<Uint8Array> {
    try {
      yield* messages
    } catch (error) {
      throw await this.#explain(error)
    } finally {
      release()
    }
  }

  /** Ends what is still under way and lets the process end. */
  close(): void {
    this.#client.close()
    this.#target.release()
  }

  #metadata(): Metadata {
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(this.#headers)) metadata.set(name, value)
    return metadata
  }

  async #unary(path: string, request: Uint8Array, limits: CallLimits): Promise<Uint8Array> {
    const {signal} = limits
    return new Promise<Uint8Array>((resolve, reject) => {
      const call = this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(path, toBuffer, same, request, this.#metadata(), callOptions(limits), (error, bytes) => {
        signal?.removeEventListener('abort', cancel)
        if (error) reject(error)
        else resolve(bytes ?? new Uint8Array())
      })
      const cancel = () => call.cancel()
      signal?.addEventListener('abort', cancel)
      if (signal?.aborted) cancel()
    })
  }

  async #explain(error: unknown): Promise<unknown> {
    if (error instanceof CriError || !isServiceError(error)) return error
    if (madeByClient(error)) return connectError(await this.#target.problem())
    return statusError(error.code, error.details)
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

function callOptions({timeoutMs}: CallLimits): CallOptions {
  return timeoutMs === undefined ? {} : {deadline: Date.now() + timeoutMs}
}

function decode<Response>(rpc: Rpc<never, Response> | Rpc<unknown, Response>, bytes: Uint8Array): Response {
  try {
    return rpc.response.decode(bytes)
  } catch (error) {
    throw malformedError(error)
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && typeof (error as Partial<ServiceError>).details === 'string'
}

/**
 * Whether a status stands for a connection that was never made. grpc-js then puts the reason, the path and the time
 * into one sentence (internal-channel.js, load-balancer-pick-first.js), so the system is asked instead.
 */
function madeByClient(error: ServiceError): boolean {
  return error.details.startsWith('No connection established')
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
