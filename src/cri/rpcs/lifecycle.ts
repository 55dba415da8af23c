// SPDX-License-Identifier: Apache-2.0
import {
  CheckpointContainerRequest,
  CheckpointContainerResponse,
  RemoveContainerRequest,
  RemoveContainerResponse,
  RemovePodSandboxRequest,
  RemovePodSandboxResponse,
  ReopenContainerLogRequest,
  ReopenContainerLogResponse,
  StartContainerRequest,
  StartContainerResponse,
  StopContainerRequest,
  StopContainerResponse,
  StopPodSandboxRequest,
  StopPodSandboxResponse,
} from '../gen/runtime/v1/lifecycle.ts'
import type {Rpc} from '../rpc.ts'

export const stopPodSandbox: Rpc<StopPodSandboxRequest, StopPodSandboxResponse> = {
  service: 'RuntimeService', method: 'StopPodSandbox', request: StopPodSandboxRequest, response: StopPodSandboxResponse,
}

export const removePodSandbox: Rpc<RemovePodSandboxRequest, RemovePodSandboxResponse> = {
  service: 'RuntimeService', method: 'RemovePodSandbox', request: RemovePodSandboxRequest, response: RemovePodSandboxResponse,
}

export const startContainer: Rpc<StartContainerRequest, StartContainerResponse> = {
  service: 'RuntimeService', method: 'StartContainer', request: StartContainerRequest, response: StartContainerResponse,
}

export const stopContainer: Rpc<StopContainerRequest, StopContainerResponse> = {
  service: 'RuntimeService', method: 'StopContainer', request: StopContainerRequest, response: StopContainerResponse,
}

export const removeContainer: Rpc<RemoveContainerRequest, RemoveContainerResponse> = {
  service: 'RuntimeService', method: 'RemoveContainer', request: RemoveContainerRequest, response: RemoveContainerResponse,
}

export const reopenContainerLog: Rpc<ReopenContainerLogRequest, ReopenContainerLogResponse> = {
  service: 'RuntimeService', method: 'ReopenContainerLog', request: ReopenContainerLogRequest, response: ReopenContainerLogResponse,
}

/** Since 1.25. */
export const checkpointContainer: Rpc<CheckpointContainerRequest, CheckpointContainerResponse> = {
  service: 'RuntimeService', method: 'CheckpointContainer', request: CheckpointContainerRequest, response: CheckpointContainerResponse,
}
