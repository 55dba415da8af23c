// SPDX-License-Identifier: Apache-2.0
import type {CallLimits, CriAddress, CriVersion} from './channel.ts'
import {Channel, CRI_VERSIONS} from './channel.ts'
import {CriError} from './errors.ts'
import type {Rpc, StreamRpc} from './rpc.ts'

/**
 * One service endpoint of a runtime, spoken to in the best version that it has. Every call rejects with a CriError that
 * knows its call.
 */
export interface CriConnection {
  /** the version in use; undefined before the first answer */
  readonly api: CriVersion | undefined
  /** limit of each call that gives none, in milliseconds; streams have none of their own, as some never end */
  readonly timeoutMs: number
  /** @param request what is left out is empty, zero or false */
  call<Request, Response>(rpc: Rpc<Request, Response>, request: Partial<Request>, limits?: CallLimits): Promise<Response>
  /** A call that is answered by many messages. Takes them no faster than the loop does; leaving the loop ends the call. */
  stream<Request, Response>(rpc: StreamRpc<Request, Response>, request: Partial<Request>, limits?: CallLimits): AsyncGenerator<Response>
  /** Ends what is still under way and lets the process end. */
  close(): void
}

export interface ConnectionOptions {
  /** limit of each call that gives none, in milliseconds */
  readonly timeoutMs: number
  /** how often to try again while nobody listens; negative: for ever */
  readonly maxRetries: number
  /** told before each wait */
  readonly onRetry?: (error: CriError, attempt: number, delayMs: number) => void
  /** told of each answer */
  readonly onCall?: (method: string, api: CriVersion, durationMs: number) => void
}

/** Waits of crictl between its tries (cmd/crictl/crictl_config.go): half a second, doubled up to five. */
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 5000

/**
 * Connects with the first call. That one is also how the version is found: v1 is tried first, v1alpha2 when the server
 * does not know v1 (dockershim, containerd before 1.6, cri-dockerd before 0.3.22).
 *
 * @throws CriError when the address cannot be used at all
 */
export function openConnection(address: CriAddress, options: ConnectionOptions): CriConnection {
  return new Connection(() => new Channel(address), options)
}

class Connection implements CriConnection {
  api: CriVersion | undefined
  readonly timeoutMs: number
  readonly #newChannel: () => Channel
  readonly #options: ConnectionOptions
  #channel: Channel

  constructor(newChannel: () => Channel, options: ConnectionOptions) {
    this.#newChannel = newChannel
    this.#channel = newChannel()
    this.#options = options
    this.timeoutMs = options.timeoutMs
  }

  async call<Request, Response>(rpc: Rpc<Request, Response>, partial: Partial<Request>, limits: CallLimits = {}): Promise<Response> {
    const request = rpc.request.fromPartial(partial)
    const withLimit = {timeoutMs: this.timeoutMs, ...limits}
    return this.#about(rpc, request, () => this.#negotiated((api) => this.#channel.call(api, rpc, request, withLimit), limits.signal))
  }

  async *stream<Request, Response>(rpc: StreamRpc<Request, Response>, partial: Partial<Request>, limits: CallLimits = {}): AsyncGenerator<Response> {
    const request = rpc.request.fromPartial(partial)
    const started = await this.#about(rpc, request, () => this.#negotiated(async (api) => {
      const messages = this.#channel.stream(api, rpc, request, limits)
      return {messages, first: await messages.next()}
    }, limits.signal))
    if (started.first.done) return
    yield started.first.value
    yield* this.#rest(rpc, request, started.messages)
  }

  close(): void {
    this.#channel.close()
  }

  /** A channel of grpc-js that has failed to connect waits on its own before it tries again, and says so at once until then. */
  #renewChannel(): void {
    this.#channel.close()
    this.#channel = this.#newChannel()
  }

  async *#rest<Request, Response>(rpc: Rpc<Request, Response>, request: Request, messages: AsyncGenerator<Response>): AsyncGenerator<Response> {
    try {
      yield* messages
    } catch (error) {
      throw withCall(error, rpc, request)
    }
  }

  async #about<Request, Result>(rpc: Rpc<Request, never> | Rpc<Request, unknown>, request: Request, work: () => Promise<Result>): Promise<Result> {
    const start = process.hrtime.bigint()
    try {
      const result = await work()
      this.#options.onCall?.(rpc.method, this.api ?? CRI_VERSIONS[0], Number(process.hrtime.bigint() - start) / 1e6)
      return result
    } catch (error) {
      throw withCall(error, rpc, request)
    }
  }

  /** Does the work in the version that the server has. */
  async #negotiated<Result>(work: (api: CriVersion) => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    if (this.api !== undefined) return work(this.api)
    const [best, older] = CRI_VERSIONS
    try {
      return await this.#inVersion(best, work, signal)
    } catch (error) {
      if (!isKind(error, 'unknown-service')) throw error
      return await this.#inVersion(older, work, signal).catch((second: unknown) => {
        // Neither is there: what the better version said is what there is to say.
        throw isKind(second, 'unknown-service') ? error : second
      })
    }
  }

  async #inVersion<Result>(api: CriVersion, work: (api: CriVersion) => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    try {
      const result = await this.#retried(() => work(api), signal)
      this.api = api
      return result
    } catch (error) {
      // A refusal of the call is an answer in this version as well.
      if (error instanceof CriError && ['other', 'unimplemented', 'malformed'].includes(error.kind)) this.api = api
      throw error
    }
  }

  async #retried<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    const {maxRetries, onRetry} = this.#options
    for (let attempt = 1, delay = FIRST_DELAY_MS; ; attempt++, delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof CriError) || !mayPass(error, attempt) || (maxRetries >= 0 && attempt > maxRetries) || signal?.aborted) throw error
        onRetry?.(error, attempt, delay)
        await pause(delay, signal)
        this.#renewChannel()
      }
    }
  }
}

/** Whether the daemon may be starting: the other problems are still there in a second. */
function mayPass({kind, message}: CriError, attempt: number): boolean {
  switch (kind) {
    case 'no-socket':
    case 'nobody-listens':
      return true
    case 'not-grpc':
      // It came up between the call and the question why the call could not be made.
      return attempt > 1
    default:
      // containerd internal/cri/instrument: it listens before it has read what there is, and then does nothing of a call
      return message.includes('server is not initialized yet')
  }
}

function isKind(error: unknown, kind: CriError['kind']): boolean {
  return error instanceof CriError && error.kind === kind
}

function withCall<Request>(error: unknown, rpc: Rpc<Request, never> | Rpc<Request, unknown>, request: Request): unknown {
  return error instanceof CriError ? error.during({service: rpc.service, method: rpc.method, request: rpc.request.toJSON(request)}) : error
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
