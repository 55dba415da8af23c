// SPDX-License-Identifier: Apache-2.0
import {
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
  UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse,
} from '../gen/runtime/v1/resources.ts'
import type {Rpc} from '../rpc.ts'

export const updateContainerResources: Rpc<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> = {
  service: 'RuntimeService', method: 'UpdateContainerResources', request: UpdateContainerResourcesRequest, response: UpdateContainerResourcesResponse,
}

/** Since 1.33. */
export const updatePodSandboxResources: Rpc<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse> = {
  service: 'RuntimeService', method: 'UpdatePodSandboxResources', request: UpdatePodSandboxResourcesRequest, response: UpdatePodSandboxResourcesResponse,
}
