// SPDX-License-Identifier: Apache-2.0
import {
  ListContainersRequest,
  ListContainersResponse,
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  StreamContainersRequest,
  StreamContainersResponse,
  StreamPodSandboxesRequest,
  StreamPodSandboxesResponse,
} from '../gen/runtime/v1/list.ts'
import type {Rpc, StreamRpc} from '../rpc.ts'

export const listPodSandbox: Rpc<ListPodSandboxRequest, ListPodSandboxResponse> = {
  service: 'RuntimeService', method: 'ListPodSandbox', request: ListPodSandboxRequest, response: ListPodSandboxResponse,
}

/** Since 1.36. */
export const streamPodSandboxes: StreamRpc<StreamPodSandboxesRequest, StreamPodSandboxesResponse> = {
  service: 'RuntimeService', method: 'StreamPodSandboxes', request: StreamPodSandboxesRequest, response: StreamPodSandboxesResponse, stream: true,
}

export const listContainers: Rpc<ListContainersRequest, ListContainersResponse> = {
  service: 'RuntimeService', method: 'ListContainers', request: ListContainersRequest, response: ListContainersResponse,
}

/** Since 1.36. */
export const streamContainers: StreamRpc<StreamContainersRequest, StreamContainersResponse> = {
  service: 'RuntimeService', method: 'StreamContainers', request: StreamContainersRequest, response: StreamContainersResponse, stream: true,
}
