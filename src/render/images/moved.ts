// SPDX-License-Identifier: Apache-2.0
import type {ImageMoveProgress, ImageMoveReport, MovedImage} from '../../model/migration/images.ts'
import {humanSize} from '../cri/human.ts'
import {visible} from '../visible.ts'

/** What became of each image, a line each, with the reason below where it was not moved; then the sum. */
export function renderMoved({images, movedBytes, sharedBytes, unverified}: ImageMoveReport, isDryRun: boolean): string {
  const lines = images.flatMap((image) => [`${word(image, isDryRun).padEnd(10)}${visible(image.name)}`, ...details(image).map((text) => `${' '.repeat(10)}${visible(text)}`)])
  const notes = unverified === undefined ? [] : [`The CRI of the runtime could not be asked (${visible(unverified)}): the images were looked for in containerd's own store.`]
  return [...lines, sum(images, movedBytes, sharedBytes, isDryRun), ...notes].map((line) => `${line}\n`).join('')
}

/** Progress in a line: `1.2GB of 3.4GB, shop/web:1`. */
export function progressLine({doneBytes, totalBytes, image}: ImageMoveProgress): string {
  return `${humanSize(doneBytes)} of ${humanSize(totalBytes)}${image === undefined ? '' : `, ${image}`}`
}

function word({state}: MovedImage, isDryRun: boolean): string {
  if (state === 'moved') return isDryRun ? 'to move' : 'moved'
  return state === 'present' ? 'there' : 'not moved'
}

function details(image: MovedImage): readonly string[] {
  if ('reason' in image) return [image.reason]
  return image.dockerId === undefined ? [] : [`Docker has another image under this name, ${image.dockerId.slice(0, 19)}; the runtime's was left alone.`]
}

function sum(images: readonly MovedImage[], movedBytes: number, sharedBytes: number, isDryRun: boolean): string {
  const counted = (...states: readonly MovedImage['state'][]) => images.filter(({state}) => states.includes(state)).length
  const shared = sharedBytes === 0 ? '' : `, ${humanSize(sharedBytes)} of layers were there or shared`
  const moved = `${counted('moved')} ${isDryRun ? 'to move, about' : 'moved:'} ${humanSize(movedBytes)}${shared}`
  const rest = [[counted('present'), 'there already'], [counted('digest', 'missing'), 'not moved']] as const
  return [moved, ...rest.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)].join('; ')
}
