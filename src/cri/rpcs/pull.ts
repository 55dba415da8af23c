// SPDX-License-Identifier: Apache-2.0
import {PullImageRequest, PullImageResponse} from '../gen/runtime/v1/pull.ts'
import type {Rpc} from '../rpc.ts'

export const pullImage: Rpc<PullImageRequest, PullImageResponse> = {
  service: 'ImageService', method: 'PullImage', request: PullImageRequest, response: PullImageResponse,
}
