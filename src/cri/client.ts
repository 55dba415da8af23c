// SPDX-License-Identifier: Apache-2.0
import {Channel} from './channel.ts'
import type {CriVersion} from './channel.ts'
import type {Container, PodSandbox} from './gen/runtime/v1/list.ts'
import type {RuntimeConfigResponse, StatusResponse, VersionResponse} from './gen/runtime/v1/runtime.ts'
import {listContainers, listPodSandbox} from './rpcs/list.ts'
import {runtimeConfig, status, version} from './rpcs/runtime.ts'

/** One CRI endpoint, as `inspect` asks it. Every call rejects with a CriError. */
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
    status: (api, {verbose}) => channel.call(api, status, {verbose}, options),
    runtimeConfig: (api) => channel.call(api, runtimeConfig, {}, options),
    listPodSandbox: async (api) => (await channel.call(api, listPodSandbox, {filter: undefined}, options)).items,
    listContainers: async (api) => (await channel.call(api, listContainers, {filter: undefined}, options)).containers,
    close: () => channel.close(),
  }
}
