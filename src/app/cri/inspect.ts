// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {ImageStatusResponse} from '../../cri/gen/runtime/v1/image.ts'
import {Image} from '../../cri/gen/runtime/v1/image.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import type {RuntimeHandler, StatusResponse} from '../../cri/gen/runtime/v1/runtime.ts'
import {RuntimeFeatures, RuntimeHandlerFeatures, RuntimeStatus} from '../../cri/gen/runtime/v1/runtime.ts'
import type {ContainerStatusResponse, PodSandboxStatusResponse} from '../../cri/gen/runtime/v1/status.ts'
import {ContainerStatus, PodSandboxStatus} from '../../cri/gen/runtime/v1/status.ts'
import {imageStatus} from '../../cri/rpcs/image.ts'
import {containerStatus, podSandboxStatus} from '../../cri/rpcs/status.ts'
import {UserError} from '../../model/user-error.ts'
import {NEVER, rfc3339Nano} from '../../render/cri/time.ts'
import {imageNamed} from './image-spec.ts'
import {inOrder} from './in-order.ts'

type JsonObject = Record<string, unknown>

/** The answers about containers, in the order of the ids; ends with the first that is refused. */
export function containerAnswers(runtime: CriConnection, ids: readonly string[], verbose: boolean): AsyncGenerator<ContainerStatusResponse> {
  return inOrder(ids, (containerId) => runtime.call(containerStatus, {containerId, verbose}))
}

/** The answers about pod sandboxes, in the order of the ids; ends with the first that is refused. */
export function podAnswers(runtime: CriConnection, ids: readonly string[], verbose: boolean): AsyncGenerator<PodSandboxStatusResponse> {
  return inOrder(ids, (podSandboxId) => runtime.call(podSandboxStatus, {podSandboxId, verbose}))
}

/**
 * The answers about images, in the order of the names or ids.
 *
 * @throws UserError for one that is not there
 */
export function imageAnswers(image: CriConnection, names: readonly string[], verbose: boolean): AsyncGenerator<ImageStatusResponse> {
  return inOrder(names, async (name) => {
    const answer = await image.call(imageStatus, {image: imageNamed(name), verbose})
    // A runtime answers without an image where it has none.
    if (answer.image === undefined) throw new UserError(`The runtime has no image "${name}".`, 'See `rtctl cri images` for those it has.', 1)
    return answer
  })
}

/** crictl's document of a container: its status with readable times, beside what the runtime says when asked for more. */
export function containerDocument({status, info}: ContainerStatusResponse): JsonObject {
  return documentOf(status && {...filledUp(ContainerStatus.toJSON(status), CONTAINER_FIELDS), ...containerTimes(status)}, info)
}

/** crictl's document of a pod sandbox. */
export function podDocument({status, info}: PodSandboxStatusResponse): JsonObject {
  return documentOf(status && {...filledUp(PodSandboxStatus.toJSON(status), POD_FIELDS), createdAt: rfc3339Nano(status.createdAt)}, info)
}

/** crictl's document of an image. */
export function imageDocument({image, info}: ImageStatusResponse): JsonObject {
  return documentOf(image && Image.toJSON(image), info)
}

/** crictl's document of a runtime. Its features have the names of the protocol, and only those it has. */
export function runtimeDocument({status, info, runtimeHandlers, features}: StatusResponse): JsonObject {
  return {
    ...documentOf(status && RuntimeStatus.toJSON(status), new Map()),
    ...(runtimeHandlers.length > 0 && {runtimeHandlers: runtimeHandlers.map(handlerDocument)}),
    ...(features && {features: setFlags(RuntimeFeatures.toJSON(features))}),
    ...parsedInfo(info),
  }
}

/** Fields of messages that crictl shows as null where they are not set (cmd/crictl/util.go, marshalMapInOrder). */
const CONTAINER_FIELDS = ['metadata', 'image', 'resources', 'user']
const POD_FIELDS = ['metadata', 'network', 'linux']

function filledUp(json: unknown, fields: readonly string[]): JsonObject {
  return {...Object.fromEntries(fields.map((field) => [field, null])), ...(json as JsonObject)}
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

function documentOf(status: unknown, info: ReadonlyMap<string, string>): JsonObject {
  return {...(status !== undefined && {status}), ...parsedInfo(info)}
}

/**
 * The values of `info`: those that are JSON objects as such, others as text without the quotes around it. One that only
 * begins like an object stays text, where crictl fails.
 */
function parsedInfo(info: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries([...info].map(([key, value]) => [key, parsedValue(value)]))
}

function parsedValue(value: string): unknown {
  if (!value.startsWith('{')) return value.replace(/^"+|"+$/g, '')
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** As Go's encoding/json writes a message: names of the protocol, nothing that is empty. */
function handlerDocument({name, features}: RuntimeHandler): JsonObject {
  return {...(name !== '' && {name}), ...(features && {features: setFlags(RuntimeHandlerFeatures.toJSON(features))})}
}

function setFlags(json: unknown): JsonObject {
  const set = Object.entries(json as JsonObject).filter(([, value]) => value !== false)
  return Object.fromEntries(set.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]))
}
