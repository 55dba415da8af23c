// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {PodSandboxStatusResponse} from '../../cri/gen/runtime/v1/status.ts'
import {PodSandboxStatus} from '../../cri/gen/runtime/v1/status.ts'
import {podSandboxStatus} from '../../cri/rpcs/status.ts'
import {rfc3339Nano} from '../../render/cri/time.ts'
import type {JsonObject} from './answer-document.ts'
import {documentOf, filledUp} from './answer-document.ts'
import {inOrder, QUESTIONS_IN_FLIGHT} from './in-order.ts'

/** The answers about pod sandboxes, in the order of the ids; ends with the first that is refused. */
export function podAnswers(runtime: CriConnection, ids: readonly string[], verbose: boolean): AsyncGenerator<PodSandboxStatusResponse> {
  return inOrder(ids, (podSandboxId) => runtime.call(podSandboxStatus, {podSandboxId, verbose}), QUESTIONS_IN_FLIGHT)
}

const FIELDS = ['metadata', 'network', 'linux']

/** crictl's document of a pod sandbox. */
export function podDocument({status, info}: PodSandboxStatusResponse): JsonObject {
  return documentOf(status && {...filledUp(PodSandboxStatus.toJSON(status), FIELDS), createdAt: rfc3339Nano(status.createdAt)}, info)
}
