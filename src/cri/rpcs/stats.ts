// SPDX-License-Identifier: Apache-2.0
import {
  ContainerStatsRequest,
  ContainerStatsResponse,
  ListContainerStatsRequest,
  ListContainerStatsResponse,
  ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse,
  PodSandboxStatsRequest,
  PodSandboxStatsResponse,
  StreamContainerStatsRequest,
  StreamContainerStatsResponse,
  StreamPodSandboxStatsRequest,
  StreamPodSandboxStatsResponse,
} from '../gen/runtime/v1/stats.ts'
import type {Rpc, StreamRpc} from '../rpc.ts'

export const containerStats: Rpc<ContainerStatsRequest, ContainerStatsResponse> = {
  service: 'RuntimeService', method: 'ContainerStats', request: ContainerStatsRequest, response: ContainerStatsResponse,
}

export const listContainerStats: Rpc<ListContainerStatsRequest, ListContainerStatsResponse> = {
  service: 'RuntimeService', method: 'ListContainerStats', request: ListContainerStatsRequest, response: ListContainerStatsResponse,
}

/** Since 1.36. */
export const streamContainerStats: StreamRpc<StreamContainerStatsRequest, StreamContainerStatsResponse> = {
  service: 'RuntimeService', method: 'StreamContainerStats', request: StreamContainerStatsRequest, response: StreamContainerStatsResponse, stream: true,
}

/** Since 1.23. */
export const podSandboxStats: Rpc<PodSandboxStatsRequest, PodSandboxStatsResponse> = {
  service: 'RuntimeService', method: 'PodSandboxStats', request: PodSandboxStatsRequest, response: PodSandboxStatsResponse,
}

/** Since 1.23. */
export const listPodSandboxStats: Rpc<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse> = {
  service: 'RuntimeService', method: 'ListPodSandboxStats', request: ListPodSandboxStatsRequest, response: ListPodSandboxStatsResponse,
}

/** Since 1.36. */
export const streamPodSandboxStats: StreamRpc<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse> = {
  service: 'RuntimeService', method: 'StreamPodSandboxStats', request: StreamPodSandboxStatsRequest, response: StreamPodSandboxStatsResponse, stream: true,
}
