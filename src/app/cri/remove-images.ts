// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {Image} from '../../cri/gen/runtime/v1/image.ts'
import {imageStatus, removeImage} from '../../cri/rpcs/image.ts'
import {UserError} from '../../model/user-error.ts'
import {imageNamed} from './image-spec.ts'
import {findImages} from './list-images.ts'
import {listContainers} from './lists.ts'

/** All images; with prune only those that are not pinned and that no container has. @returns their ids */
export async function imagesToRemove(image: CriConnection, runtime: CriConnection, prune: boolean): Promise<readonly string[]> {
  const all = await findImages(image, {})
  if (!prune) return all.map(({id}) => id)
  const used = await imagesInUse(image, runtime)
  return all.filter(({id, pinned}) => !pinned && !used.has(id)).map(({id}) => id)
}

/**
 * Ids of the images that containers have, in whatever state.
 *
 * @throws UserError when the runtime does not know what one of them was made of: then nobody knows what is unused
 */
async function imagesInUse(image: CriConnection, runtime: CriConnection): Promise<ReadonlySet<string>> {
  const names = new Set((await listContainers(runtime)).map((container) => container.image?.image ?? ''))
  const used = new Set<string>()
  for (const name of names) {
    const found = (await image.call(imageStatus, {image: imageNamed(name)})).image
    if (found !== undefined) used.add(found.id)
  }
  return used
}

/**
 * Removes an image with all its names.
 *
 * @param onNames told before, where it has several names and was given by one of them
 * @returns the names, or digests where it has none
 * @throws UserError where there is no such image; CriError
 */
export async function removeOneImage(image: CriConnection, name: string, onNames: (names: readonly string[]) => void): Promise<readonly string[]> {
  const found: Image | undefined = (await image.call(imageStatus, {image: imageNamed(name)})).image
  if (found === undefined) throw new UserError(`There is no image "${name}" on this node.`, 'See what there is with `rtctl cri images`.', 1)
  if (found.repoTags.length > 1 && isName(name)) onNames(found.repoTags)
  await image.call(removeImage, {image: imageNamed(name)})
  return found.repoTags.length > 0 ? found.repoTags : found.repoDigests
}

function isName(name: string): boolean {
  return !name.startsWith('sha256:') && /[:/]/.test(name)
}
