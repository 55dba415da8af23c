// SPDX-License-Identifier: Apache-2.0
import {
  ContainerStatusRequest,
  ContainerStatusResponse,
  PodSandboxStatusRequest,
  PodSandboxStatusResponse,
} from '../gen/runtime/v1/status.ts'
import type {Rpc} from '../rpc.ts'

export const podSandboxStatus: Rpc<PodSandboxStatusRequest, PodSandboxStatusResponse> = {
  service: 'RuntimeService', method: 'PodSandboxStatus', request: PodSandboxStatusRequest, response: PodSandboxStatusResponse,
}

export const containerStatus: Rpc<ContainerStatusRequest, ContainerStatusResponse> = {
  service: 'RuntimeService', method: 'ContainerStatus', request: ContainerStatusRequest, response: ContainerStatusResponse,
}
