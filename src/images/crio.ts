// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../cri/connection.ts'
import type {ImageMove, ImageMoveReport, MovedImage} from '../model/migration/images.ts'
import {UserError} from '../model/user-error.ts'
import type {DockerImages} from './docker.ts'
import type {Platform} from './documents.ts'
import {RuntimeImages} from './runtime.ts'
import type {Task} from './tasks.ts'
import {tasksFor} from './tasks.ts'

const FAILED = 1

/**
 * Has skopeo copy images into the storage that CRI-O shares with it, one after the other: CRI-O has no API of its own for that.
 * skopeo leaves out layers that are there. Bytes are those that Docker counts.
 */
export async function moveWithCrio(move: ImageMove, docker: DockerImages, cri: CriConnection, platform: Platform): Promise<ImageMoveReport> {
  const runtime = new RuntimeImages(cri, undefined, platform)
  const {decided, tasks} = await tasksFor(move, docker, runtime, {manifests: false, platform})
  const totalBytes = tasks.reduce((sum, {image}) => sum + image.size, 0)
  const moved: MovedImage[] = []
  let doneBytes = 0
  if (move.dryRun === true) {
    const images = tasks.flatMap(({image, names}) => names.map((name): MovedImage => ({name: name.given, state: 'moved', id: image.id})))
    return {images: sorted([...decided, ...images]), movedBytes: totalBytes, sharedBytes: 0}
  }
  for (const {image, names} of tasks) {
    move.progress({doneBytes, totalBytes, ...(names[0] !== undefined && {image: names[0].given})})
    moved.push(...await copied({image, names}, move, runtime))
    doneBytes += image.size
    move.progress({doneBytes, totalBytes})
  }
  return {images: sorted([...decided, ...moved]), movedBytes: doneBytes, sharedBytes: 0}
}

function sorted(images: readonly MovedImage[]): readonly MovedImage[] {
  return images.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** @throws UserError where there is no skopeo, or where CRI-O does not see the image then */
async function copied({image, names}: Task, {run, dockerSocket, signal}: ImageMove, runtime: RuntimeImages): Promise<readonly MovedImage[]> {
  const moved: MovedImage[] = []
  for (const name of names) {
    const args = skopeoArgs(dockerSocket, image.id, name.whole)
    signal.throwIfAborted()
    try {
      if (run === undefined) throw new Error('there is no way to run it')
      await run('skopeo', args, signal)
    } catch (error) {
      if (signal.aborted) throw error
      throw new UserError(`skopeo could not copy ${name.given}: ${(error as Error).message}.`, `Install skopeo, which CRI-O needs for this. It was run as: skopeo ${args.join(' ')}`, FAILED)
    }
    await runtime.expect(name, image.id)
    moved.push({name: name.given, state: 'moved', id: image.id})
  }
  return moved
}

/** What skopeo is run with (skopeo-copy(1), containers-transports(5)): Docker is asked by the image's id, so that no name leads elsewhere. */
export function skopeoArgs(dockerSocket: string, id: string, name: string): readonly string[] {
  return ['copy', '--quiet', '--src-daemon-host', `unix://${dockerSocket}`, `docker-daemon:${id}`, `containers-storage:${name}`]
}
