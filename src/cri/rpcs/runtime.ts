// SPDX-License-Identifier: Apache-2.0
import {
  RuntimeConfigRequest,
  RuntimeConfigResponse,
  StatusRequest,
  StatusResponse,
  UpdateRuntimeConfigRequest,
  UpdateRuntimeConfigResponse,
  VersionRequest,
  VersionResponse,
} from '../gen/runtime/v1/runtime.ts'
import type {Rpc} from '../rpc.ts'

export const version: Rpc<VersionRequest, VersionResponse> = {
  service: 'RuntimeService', method: 'Version', request: VersionRequest, response: VersionResponse,
}

export const updateRuntimeConfig: Rpc<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> = {
  service: 'RuntimeService', method: 'UpdateRuntimeConfig', request: UpdateRuntimeConfigRequest, response: UpdateRuntimeConfigResponse,
}

export const status: Rpc<StatusRequest, StatusResponse> = {
  service: 'RuntimeService', method: 'Status', request: StatusRequest, response: StatusResponse,
}

/** Since 1.28. */
export const runtimeConfig: Rpc<RuntimeConfigRequest, RuntimeConfigResponse> = {
  service: 'RuntimeService', method: 'RuntimeConfig', request: RuntimeConfigRequest, response: RuntimeConfigResponse,
}
