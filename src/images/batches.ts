// SPDX-License-Identifier: Apache-2.0
import type {DockerImage} from './docker.ts'

/** An image and what its layers are thought to have in bytes. */
export interface SizedImage {
  readonly image: DockerImage
  readonly layerSizes: readonly number[]
}

/**
 * Docker writes a copy of all images of an archive into its own folder before it sends the first byte (moby
 * image/tarexport/save.go), so that they must not be too many at once.
 */
const BATCH_BYTES = 2 * 1024 ** 3
const BATCH_IMAGES = 50

/**
 * Bytes of each layer of an image, as far as Docker tells.
 *
 * @param stepSizes bytes that each step of its making added; most steps that add nothing make no layer
 */
export function layerSizes({layers, size}: DockerImage, stepSizes: readonly number[]): readonly number[] {
  const some = stepSizes.filter((bytes) => bytes > 0)
  return some.length === layers.length ? some : layers.map(() => size / layers.length)
}

/** Bytes of all layers of some images, shared ones once. */
export function totalBytes(images: readonly SizedImage[], isThere: (digest: string) => boolean = () => false): number {
  const sizes = new Map<string, number>()
  for (const {image, layerSizes: bytes} of images) for (const [index, digest] of image.layers.entries()) sizes.set(digest, bytes[index] ?? 0)
  return [...sizes].reduce((sum, [digest, bytes]) => sum + (isThere(digest) ? 0 : bytes), 0)
}

/** Images in portions for an archive each; those that share layers next to each other, as Docker sends these once in an archive. */
export function batches(images: readonly SizedImage[]): readonly (readonly SizedImage[])[] {
  const sorted = images.map((sized) => ({sized, key: sized.image.layers.join()})).toSorted((one, other) => (one.key < other.key ? -1 : 1)).map(({sized}) => sized)
  const portions: SizedImage[][] = []
  for (const sized of sorted) {
    const last = portions.at(-1)
    if (last !== undefined && last.length < BATCH_IMAGES && totalBytes([...last, sized]) <= BATCH_BYTES) last.push(sized)
    else portions.push([sized])
  }
  return portions
}
