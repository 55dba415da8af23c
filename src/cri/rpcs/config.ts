// SPDX-License-Identifier: Apache-2.0
import {
  CheckpointPodRequest,
  CheckpointPodResponse,
  CreateContainerRequest,
  CreateContainerResponse,
  RestorePodRequest,
  RestorePodResponse,
  RunPodSandboxRequest,
  RunPodSandboxResponse,
} from '../gen/runtime/v1/config.ts'
import type {Rpc} from '../rpc.ts'

export const runPodSandbox: Rpc<RunPodSandboxRequest, RunPodSandboxResponse> = {
  service: 'RuntimeService', method: 'RunPodSandbox', request: RunPodSandboxRequest, response: RunPodSandboxResponse,
}

export const createContainer: Rpc<CreateContainerRequest, CreateContainerResponse> = {
  service: 'RuntimeService', method: 'CreateContainer', request: CreateContainerRequest, response: CreateContainerResponse,
}

/** Since 1.37. */
export const checkpointPod: Rpc<CheckpointPodRequest, CheckpointPodResponse> = {
  service: 'RuntimeService', method: 'CheckpointPod', request: CheckpointPodRequest, response: CheckpointPodResponse,
}

/** Since 1.37. */
export const restorePod: Rpc<RestorePodRequest, RestorePodResponse> = {
  service: 'RuntimeService', method: 'RestorePod', request: RestorePodRequest, response: RestorePodResponse,
}
