// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import type {ContainerStatusResponse} from '../../cri/gen/runtime/v1/status.ts'
import {ContainerStatus} from '../../cri/gen/runtime/v1/status.ts'
import {containerStatus} from '../../cri/rpcs/status.ts'
import {NEVER, rfc3339Nano} from '../../render/cri/time.ts'
import type {JsonObject} from './answer-document.ts'
import {documentOf, filledUp} from './answer-document.ts'
import {inOrder, QUESTIONS_IN_FLIGHT} from './in-order.ts'

/** The answers about containers, in the order of the ids; ends with the first that is refused. */
export function containerAnswers(runtime: CriConnection, ids: readonly string[], verbose: boolean): AsyncGenerator<ContainerStatusResponse> {
  return inOrder(ids, (containerId) => runtime.call(containerStatus, {containerId, verbose}), QUESTIONS_IN_FLIGHT)
}

const FIELDS = ['metadata', 'image', 'resources', 'user']

/** crictl's document of a container: its status with readable times, beside what the runtime says when asked for more. */
export function containerDocument({status, info}: ContainerStatusResponse): JsonObject {
  return documentOf(status && {...filledUp(ContainerStatus.toJSON(status), FIELDS), ...containerTimes(status)}, info)
}

function containerTimes({state, createdAt, startedAt, finishedAt}: ContainerStatus): JsonObject {
  const {CONTAINER_CREATED, CONTAINER_EXITED, CONTAINER_UNKNOWN} = ContainerState
  const hasFinished = state === CONTAINER_EXITED || (state === CONTAINER_UNKNOWN && finishedAt > 0n)
  return {
    createdAt: rfc3339Nano(createdAt),
    startedAt: state === CONTAINER_CREATED ? NEVER : rfc3339Nano(startedAt),
    finishedAt: hasFinished ? rfc3339Nano(finishedAt) : NEVER,
  }
}
