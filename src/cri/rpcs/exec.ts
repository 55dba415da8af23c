// SPDX-License-Identifier: Apache-2.0
import {
  AttachRequest,
  AttachResponse,
  ExecRequest,
  ExecResponse,
  ExecSyncRequest,
  ExecSyncResponse,
  PortForwardRequest,
  PortForwardResponse,
} from '../gen/runtime/v1/exec.ts'
import type {Rpc} from '../rpc.ts'

export const execSync: Rpc<ExecSyncRequest, ExecSyncResponse> = {
  service: 'RuntimeService', method: 'ExecSync', request: ExecSyncRequest, response: ExecSyncResponse,
}

export const exec: Rpc<ExecRequest, ExecResponse> = {
  service: 'RuntimeService', method: 'Exec', request: ExecRequest, response: ExecResponse,
}

export const attach: Rpc<AttachRequest, AttachResponse> = {
  service: 'RuntimeService', method: 'Attach', request: AttachRequest, response: AttachResponse,
}

export const portForward: Rpc<PortForwardRequest, PortForwardResponse> = {
  service: 'RuntimeService', method: 'PortForward', request: PortForwardRequest, response: PortForwardResponse,
}
