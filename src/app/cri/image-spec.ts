// SPDX-License-Identifier: Apache-2.0
import {ImageSpec} from '../../cri/gen/runtime/v1/list.ts'

/** An image by its name or id, as requests take it. */
export function imageNamed(image: string): ImageSpec {
  return ImageSpec.fromPartial({image})
}
