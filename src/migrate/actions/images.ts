// SPDX-License-Identifier: Apache-2.0
import {wholeImageName} from '../../images/image-name.ts'
import type {ImageMoveReport} from '../../model/migration/images.ts'
import {type Handler, nothingToUndo, someOf, withRuntime} from '../handler.ts'

export const moveImages: Handler<'move-images'> = {
  async undo({to, images}, machine) {
    return withRuntime(machine, to.endpoint, async (runtime) => {
      const added: string[] = []
      for (const name of images) if ((await runtime.image(name)) === undefined) added.push(name)
      return added.length === 0 ? [] : [{kind: 'remove-cri-images', endpoint: to.endpoint, images: added}]
    })
  },
  async perform({dockerSocket, to, images}, machine, {again, signal, say}) {
    if (images.length === 0 || again) return undefined
    const report = await machine.moveImages({
      dockerSocket, to, images, signal,
      run: (program, args) => machine.run(program, args, {timeoutMs: 3_600_000}),
      progress: ({doneBytes, totalBytes, image}) => say(`${mib(doneBytes)} of ${mib(totalBytes)} MiB${image === undefined ? '' : `, ${image}`}`),
    })
    return noteOf(report)
  },
}

function noteOf({images, movedBytes}: ImageMoveReport): string {
  const left = images.filter(({state}) => state === 'digest' || state === 'missing').map(({name}) => name)
  const others = images.filter((image) => 'dockerId' in image && image.dockerId !== undefined).map(({name}) => name)
  return [
    `${images.filter(({state}) => state === 'moved').length} moved, ${mib(movedBytes)} MiB`,
    ...(left.length === 0 ? [] : [`not moved, to be pulled: ${someOf(left)}`]),
    ...(others.length === 0 ? [] : [`the runtime has others than Docker under these names, and keeps them: ${someOf(others)}`]),
  ].join('; ')
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}

/** Over CRI an image goes with all its names: one that has a name from before stays. */
export const removeCriImages: Handler<'remove-cri-images'> = {
  undo: nothingToUndo,
  async perform({endpoint, images}, machine) {
    const ours = new Set(images.map(wholeImageName))
    const left: string[] = []
    await withRuntime(machine, endpoint, async (runtime) => {
      for (const name of images) {
        const found = await runtime.image(name)
        if (found === undefined) continue
        if (found.names.every((each) => ours.has(each))) await runtime.removeImage(name)
        else left.push(name)
      }
    })
    return left.length === 0 ? undefined : `left, as it has other names: ${someOf(left)}`
  },
}
