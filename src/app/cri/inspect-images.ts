// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {ImageStatusResponse} from '../../cri/gen/runtime/v1/image.ts'
import {Image} from '../../cri/gen/runtime/v1/image.ts'
import {imageStatus} from '../../cri/rpcs/image.ts'
import {UserError} from '../../model/user-error.ts'
import type {JsonObject} from './answer-document.ts'
import {documentOf} from './answer-document.ts'
import {imageNamed} from './image-spec.ts'
import {inOrder} from './in-order.ts'

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

/** crictl's document of an image. */
export function imageDocument({image, info}: ImageStatusResponse): JsonObject {
  return documentOf(image && Image.toJSON(image), info)
}
