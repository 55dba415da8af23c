// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {Image, ImageFilter} from '../../cri/gen/runtime/v1/image.ts'
import {listImages as imagesInOne, streamImages} from '../../cri/rpcs/image.ts'
import {UserError} from '../../model/user-error.ts'
import {imageNames} from '../../render/cri/lists.ts'
import {compilePattern} from './go-pattern.ts'
import {imageNamed} from './image-spec.ts'
import {listed} from './listing.ts'

/** Which images to list; what is left out does not matter. */
export interface ImageQuery {
  /** name of an image, filtered by the runtime */
  readonly name?: string | undefined
  /** crictl's filters, one after the other: `dangling=true`, `reference=REGEXP`, `before=IMAGE`, `since=IMAGE` */
  readonly filters?: readonly string[] | undefined
}

type Filter = (images: readonly Image[]) => readonly Image[]

/**
 * The images that a query asks for, sorted by name as crictl sorts them.
 *
 * @throws UserError for a filter that means nothing, before anything is asked
 */
export async function findImages(image: CriConnection, {name, filters = []}: ImageQuery): Promise<readonly Image[]> {
  const steps = filters.map(parseFilter)
  const images = (await listImages(image, {image: imageNamed(name ?? '')})).toSorted(byName)
  return steps.reduce<readonly Image[]>((left, step) => step(left), images)
}

function byName(one: Image, other: Image): number {
  for (const names of ['repoTags', 'repoDigests'] as const) {
    const [first, second] = [one[names][0], other[names][0]]
    if (first !== undefined && second !== undefined) return compare(first, second)
  }
  return compare(one.id, other.id)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function parseFilter(text: string): Filter {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  switch (name) {
    case 'dangling':
      return (images) => images.filter(({repoTags}) => (value === 'true' && repoTags.length === 0) || (value === 'false' && repoTags.length > 0))
    case 'reference': {
      const pattern = compilePattern('--filter reference', value)
      return (images) => images.filter((image) => isRepository(image, value, pattern))
    }
    // In the order of the list, which is by name: the CRI tells no times of images.
    case 'since':
      return (images) => upTo(images, value)
    case 'before':
      return (images) => upTo(images.toReversed(), value).toReversed()
    default:
      throw new UserError(`--filter: "${text}" is no filter.`, 'Give dangling=true|false, reference=REGEXP, before=IMAGE or since=IMAGE.')
  }
}

function isRepository(image: Image, value: string, pattern: (text: string) => boolean): boolean {
  const {repository} = imageNames(image)
  return pattern(repository) || repository === value
}

/** Images up to the one that is named: as `name:tag`, by the beginning of its id, or as `name@digest`. */
function upTo(images: readonly Image[], value: string): readonly Image[] {
  const hasColon = value.includes(':')
  const hasAt = value.includes('@')
  if (hasAt && !hasColon) return []
  const candidates = hasAt ? images.filter(({repoDigests}) => repoDigests.length > 0) : images
  const isIt = (image: Image) => {
    if (hasAt) return image.repoDigests[0]?.startsWith(value) ?? false
    return hasColon ? imageNames(image).names[0]?.join(':') === value : image.id.startsWith(value)
  }
  const end = candidates.findIndex(isIt)
  return end === -1 ? candidates : candidates.slice(0, end)
}

/** The images that a filter of the runtime lets through; all without a filter. */
export async function listImages(image: CriConnection, filter?: ImageFilter, limits?: CallLimits): Promise<readonly Image[]> {
  return listed(image, {
    stream: streamImages, list: imagesInOne, itemsOfPart: (part) => part.images, itemsOfWhole: (whole) => whole.images,
  }, {filter}, limits)
}
