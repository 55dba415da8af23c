// SPDX-License-Identifier: Apache-2.0
import type {RuntimeHandler, StatusResponse} from '../../cri/gen/runtime/v1/runtime.ts'
import {RuntimeFeatures, RuntimeHandlerFeatures, RuntimeStatus} from '../../cri/gen/runtime/v1/runtime.ts'
import type {JsonObject} from './answer-document.ts'
import {documentOf, parsedInfo} from './answer-document.ts'

/** crictl's document of a runtime. Its features have the names of the protocol, and only those it has. */
export function runtimeDocument({status, info, runtimeHandlers, features}: StatusResponse): JsonObject {
  return {
    ...documentOf(status && RuntimeStatus.toJSON(status), new Map()),
    ...(runtimeHandlers.length > 0 && {runtimeHandlers: runtimeHandlers.map(handlerDocument)}),
    ...(features && {features: setFlags(RuntimeFeatures.toJSON(features))}),
    ...parsedInfo(info),
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
