// SPDX-License-Identifier: Apache-2.0
import {
  ImageFsInfoRequest,
  ImageFsInfoResponse,
  ImageStatusRequest,
  ImageStatusResponse,
  ListImagesRequest,
  ListImagesResponse,
  RemoveImageRequest,
  RemoveImageResponse,
  StreamImagesRequest,
  StreamImagesResponse,
} from '../gen/runtime/v1/image.ts'
import type {Rpc, StreamRpc} from '../rpc.ts'

export const listImages: Rpc<ListImagesRequest, ListImagesResponse> = {
  service: 'ImageService', method: 'ListImages', request: ListImagesRequest, response: ListImagesResponse,
}

/** Since 1.36. */
export const streamImages: StreamRpc<StreamImagesRequest, StreamImagesResponse> = {
  service: 'ImageService', method: 'StreamImages', request: StreamImagesRequest, response: StreamImagesResponse, stream: true,
}

export const imageStatus: Rpc<ImageStatusRequest, ImageStatusResponse> = {
  service: 'ImageService', method: 'ImageStatus', request: ImageStatusRequest, response: ImageStatusResponse,
}

export const removeImage: Rpc<RemoveImageRequest, RemoveImageResponse> = {
  service: 'ImageService', method: 'RemoveImage', request: RemoveImageRequest, response: RemoveImageResponse,
}

export const imageFsInfo: Rpc<ImageFsInfoRequest, ImageFsInfoResponse> = {
  service: 'ImageService', method: 'ImageFsInfo', request: ImageFsInfoRequest, response: ImageFsInfoResponse,
}
