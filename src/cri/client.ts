// SPDX-License-Identifier: Apache-2.0
import {Channel} from './channel.ts'
import type {CallLimits, CriVersion} from './channel.ts'
import {CriError} from './errors.ts'
import type {Container, PodSandbox} from './gen/runtime/v1/list.ts'
import type {RuntimeConfigResponse, StatusResponse, VersionResponse} from './gen/runtime/v1/runtime.ts'
import {listContainers, listPodSandbox} from './rpcs/list.ts'
import {runtimeConfig, status, version} from './rpcs/runtime.ts'

/** One CRI endpoint, as `inspect` asks it. Every call rejects with a CriError. */
export interface CriClient {
  version(api: CriVersion): Promise<VersionResponse>
  /** Whether this version is there, without a call of it: containerd 1.7 would tell everybody that a deprecated version is in use. */
  serves(api: CriVersion): Promise<boolean>
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

/**
 * A client for the runtime service behind a unix socket. Connects with the first call.
 *
 * @param socketPath path on this machine, of any length
 * @param options.timeoutMs limit of each call, in milliseconds
 * @throws CriError when the path cannot be used at all
 */
export function openCri(socketPath: string, options: {readonly timeoutMs: number}): CriClient {
  const channel = new Channel({kind: 'unix', path: socketPath})
  return {
    version: (api) => channel.call(api, version, {version: ''}, options),
    serves: (api) => serves(channel, api, options),
    status: (api, {verbose}) => channel.call(api, status, {verbose}, options),
    runtimeConfig: (api) => channel.call(api, runtimeConfig, {}, options),
    listPodSandbox: async (api) => (await channel.call(api, listPodSandbox, {filter: undefined}, options)).items,
    listContainers: async (api) => (await channel.call(api, listContainers, {filter: undefined}, options)).containers,
    close: () => channel.close(),
  }
}

/** A call that no version has. Go's server says `unknown method` where it has the service, and else `unknown service` (grpc-go server.go). */
async function serves(channel: Channel, api: CriVersion, limits: CallLimits): Promise<boolean> {
  try {
    await channel.raw(`/runtime.${api}.RuntimeService/IsServed`, new Uint8Array(), limits)
  } catch (error) {
    if (error instanceof CriError && ['unknown-service', 'unimplemented'].includes(error.kind)) return error.message.startsWith('unknown method')
    throw error
  }
  return false
}
