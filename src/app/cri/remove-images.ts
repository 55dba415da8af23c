// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {Image} from '../../cri/gen/runtime/v1/image.ts'
import {imageStatus, removeImage} from '../../cri/rpcs/image.ts'
import {UserError} from '../../model/user-error.ts'
import {imageNamed} from './image-spec.ts'
import {inOrder} from './in-order.ts'
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
 * Ids of the images that containers have, in whatever state. A name may belong to another image by now than the one that a
 * container was made of, which its other fields tell.
 *
 * @throws CriError when no image of a container can be told: then nobody knows what is unused
 */
async function imagesInUse(image: CriConnection, runtime: CriConnection): Promise<ReadonlySet<string>> {
  const names = (await listContainers(runtime)).map((container) => [container.imageId, container.imageRef, container.image?.image ?? ''].filter((name) => name !== ''))
  const answers = new Map<string, Image | undefined | Error>()
  const ask = async (name: string) => [name, await imageOf(image, name).catch((error: Error) => error)] as const
  for await (const [name, answer] of inOrder([...new Set(names.flat())], ask)) answers.set(name, answer)
  const used = new Set(names.flat())
  for (const own of names) {
    const found = own.map((name) => answers.get(name))
    // dockershim writes `docker-pullable://` before names, and does not take them itself.
    const problem = found.find((answer) => answer instanceof Error)
    if (problem !== undefined && !found.some(isImage)) throw problem
    for (const one of found.filter(isImage)) used.add(one.id)
  }
  return used
}

function isImage(answer: Image | undefined | Error): answer is Image {
  return answer !== undefined && !(answer instanceof Error)
}

async function imageOf(image: CriConnection, name: string): Promise<Image | undefined> {
  return (await image.call(imageStatus, {image: imageNamed(name)})).image
}

/** What was asked for, each image once: asked for → the image, undefined where there is none. */
export async function imagesByName(image: CriConnection, names: readonly string[]): Promise<ReadonlyMap<string, Image | undefined>> {
  const found = new Map<string, Image | undefined>()
  const ids = new Set<string>()
  for await (const [name, one] of inOrder([...new Set(names)], async (each) => [each, await imageOf(image, each)] as const)) {
    if (one === undefined || !ids.has(one.id)) found.set(name, one)
    if (one !== undefined) ids.add(one.id)
  }
  return found
}

/**
 * Removes an image with all its names.
 *
 * @param found what the runtime says of it
 * @returns the names, or digests where it has none
 * @throws UserError where there is no such image; CriError
 */
export async function removeOneImage(image: CriConnection, name: string, found: Image | undefined): Promise<readonly string[]> {
  if (found === undefined) throw new UserError(`There is no image "${name}" on this node.`, 'See what there is with `rtctl cri images`.', 1)
  await image.call(removeImage, {image: imageNamed(name)})
  return found.repoTags.length > 0 ? found.repoTags : found.repoDigests
}

/** The names that go with an image where it was given by one of them: docker would take away that one alone. */
export function namesThatGo(name: string, found: Image | undefined): readonly string[] {
  const byName = !name.startsWith('sha256:') && /[:/]/.test(name)
  return byName && found !== undefined && found.repoTags.length > 1 ? found.repoTags : []
}
