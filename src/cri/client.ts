// SPDX-License-Identifier: Apache-2.0
import type {ChannelOptions, ServiceError} from '@grpc/grpc-js'
import {Client, credentials, Metadata} from '@grpc/grpc-js'
import {connectError, malformedError, statusError} from './errors.ts'
import type {Container, MessageFns, PodSandbox, RuntimeConfigResponse, StatusResponse, VersionResponse} from './gen/runtime/v1/api.ts'
import {
  ListContainersRequest,
  ListContainersResponse,
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  RuntimeConfigRequest,
  RuntimeConfigResponse as RuntimeConfigResponseFns,
  StatusRequest,
  StatusResponse as StatusResponseFns,
  VersionRequest,
  VersionResponse as VersionResponseFns,
} from './gen/runtime/v1/api.ts'
import {connectPath, connectProblem, errorName} from './socket-path.ts'

/** The versions of the CRI that are still met, best first. Their messages are the same on the wire, see proto/. */
export const CRI_VERSIONS = ['v1', 'v1alpha2'] as const

export type CriVersion = (typeof CRI_VERSIONS)[number]

/** One CRI endpoint. Every call rejects with a CriError. */
export interface CriClient {
  version(api: CriVersion): Promise<VersionResponse>
  status(api: CriVersion, options: {readonly verbose: boolean}): Promise<StatusResponse>
  /** Served since Kubernetes 1.28; `unimplemented` before. */
  runtimeConfig(api: CriVersion): Promise<RuntimeConfigResponse>
  /** Every pod, ready or not. */
  listPodSandbox(api: CriVersion): Promise<readonly PodSandbox[]>
  /** Every container, in any state. */
  listContainers(api: CriVersion): Promise<readonly Container[]>
  /** Ends what is still under way and lets the process end. */
  close(): void
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

/**
 * A client for the runtime service behind a unix socket. Connects with the first call.
 *
 * @param socketPath path on this machine, of any length
 * @param options.timeoutMs limit of each call, in milliseconds
 * @throws CriError when the path cannot be used at all
 */
export function openCri(socketPath: string, options: {readonly timeoutMs: number}): CriClient {
  const channel = new Channel(socketPath, options.timeoutMs)
  return {
    version: (api) => channel.call(api, 'Version', VersionRequest, {version: ''}, VersionResponseFns),
    status: (api, {verbose}) => channel.call(api, 'Status', StatusRequest, {verbose}, StatusResponseFns),
    runtimeConfig: (api) => channel.call(api, 'RuntimeConfig', RuntimeConfigRequest, {}, RuntimeConfigResponseFns),
    async listPodSandbox(api) {
      const answer = await channel.call(api, 'ListPodSandbox', ListPodSandboxRequest, {filter: undefined}, ListPodSandboxResponse)
      return answer.items
    },
    async listContainers(api) {
      const answer = await channel.call(api, 'ListContainers', ListContainersRequest, {filter: undefined}, ListContainersResponse)
      return answer.containers
    },
    close: () => channel.close(),
  }
}

class Channel {
  readonly #client: Client
  readonly #path: ReturnType<typeof connectPath>
  readonly #timeoutMs: number

  constructor(socketPath: string, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    try {
      this.#path = connectPath(socketPath)
    } catch (error) {
      throw connectError(errorName(error))
    }
    try {
      this.#client = new Client(`unix:${this.#path.path}`, credentials.createInsecure(), CHANNEL)
    } catch {
      // A line break in the path is no part of an address to grpc-js.
      this.#path.release()
      throw connectError('EINVAL')
    }
  }

  async call<Req, Res>(api: CriVersion, method: string, request: MessageFns<Req>, message: Req, response: MessageFns<Res>): Promise<Res> {
    const bytes = await this.#unary(`/runtime.${api}.RuntimeService/${method}`, request.encode(message).finish())
    try {
      return response.decode(bytes)
    } catch (error) {
      throw malformedError(error)
    }
  }

  close(): void {
    this.#client.close()
    this.#path.release()
  }

  async #unary(path: string, request: Uint8Array): Promise<Uint8Array> {
    const answer = await new Promise<Uint8Array | ServiceError>((resolve) => {
      const deadline = Date.now() + this.#timeoutMs
      this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(path, toBuffer, same, request, new Metadata(), {deadline}, (error, bytes) =>
        resolve(error ?? bytes ?? new Uint8Array()),
      )
    })
    if (!(answer instanceof Error)) return answer
    throw madeByClient(answer) ? connectError(await connectProblem(this.#path.path)) : statusError(answer.code, answer.details)
  }
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
