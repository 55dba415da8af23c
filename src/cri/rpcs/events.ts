// SPDX-License-Identifier: Apache-2.0
import {ContainerEventResponse, GetEventsRequest} from '../gen/runtime/v1/events.ts'
import type {StreamRpc} from '../rpc.ts'

/** Since 1.25. */
export const getContainerEvents: StreamRpc<GetEventsRequest, ContainerEventResponse> = {
  service: 'RuntimeService', method: 'GetContainerEvents', request: GetEventsRequest, response: ContainerEventResponse, stream: true,
}
