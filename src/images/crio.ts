// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../cri/connection.ts'
import {CriError} from '../cri/errors.ts'
import type {ImageMove, ImageMoveReport, MovedImage} from '../model/migration/images.ts'
import {UserError} from '../model/user-error.ts'
import type {DockerImages} from './docker.ts'
import type {Platform} from './documents.ts'
import type {ImageName} from './image-name.ts'
import {RuntimeImages} from './runtime.ts'
import {skopeoFailed, storedImage} from './skopeo.ts'
import type {Task} from './tasks.ts'
import {tasksFor} from './tasks.ts'

const FAILED = 1

/**
 * Has skopeo copy images into the storage that CRI-O shares with it, one after the other: CRI-O has no API of its own for that.
 * skopeo leaves out layers that are there. In between an image is a file: skopeo has to jump about in it. Bytes are those that Docker counts.
 */
export async function moveWithCrio(move: ImageMove, docker: DockerImages, cri: CriConnection, platform: Platform): Promise<ImageMoveReport> {
  const runtime = new RuntimeImages(cri, undefined, platform)
  // The ids of such a Docker are those of manifests, CRI-O's those of configurations.
  const keepsManifests = await docker.keepsManifests()
  const found = await tasksFor(move, docker, runtime, {manifests: false, platform}).catch(explainShortName)
  const {tasks} = found
  const decided = keepsManifests ? found.decided.map(withoutDockerId) : found.decided
  const totalBytes = tasks.reduce((sum, {image}) => sum + image.size, 0)
  const moved: MovedImage[] = []
  let doneBytes = 0
  if (move.dryRun === true) {
    const images = tasks.flatMap(({image, names}) => names.map((name): MovedImage => ({name: name.given, state: 'moved', id: image.id})))
    return {images: sorted([...decided, ...images]), movedBytes: totalBytes, sharedBytes: 0}
  }
  for (const {image, names} of tasks) {
    move.progress({doneBytes, totalBytes, ...(names[0] !== undefined && {image: names[0].given})})
    moved.push(...await copied({image, names}, {move, docker, runtime, platform: keepsManifests ? platform : undefined}))
    doneBytes += image.size
    move.progress({doneBytes, totalBytes})
  }
  return {images: sorted([...decided, ...moved]), movedBytes: doneBytes, sharedBytes: 0}
}

function sorted(images: readonly MovedImage[]): readonly MovedImage[] {
  return images.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

interface Way {
  readonly move: ImageMove
  readonly docker: DockerImages
  readonly runtime: RuntimeImages
  /** where Docker keeps manifests */
  readonly platform: Platform | undefined
}

/**
 * Not by skopeo's own way to Docker: that of 1.9, for one, is API 1.22, which Docker 26.1 refuses (seen).
 *
 * @throws UserError where there is no skopeo, or where CRI-O does not see the image then
 */
async function copied({image, names}: Task, {move, docker, runtime, platform}: Way): Promise<readonly MovedImage[]> {
  const {run, spool, signal} = move
  if (run === undefined || spool === undefined) throw new TypeError('images go to CRI-O only where programs can be run')
  return spool(await docker.export([image.id], platform), async (path) => {
    const moved: MovedImage[] = []
    for (const name of names) {
      const args = skopeoArgs(path, image.id, name)
      signal.throwIfAborted()
      await run('skopeo', args, signal).catch((error: unknown) => {
        throw signal.aborted ? error : notCopied(name.given, args, error as Error)
      })
      moved.push({name: name.given, state: 'moved', id: await runtime.expect(name, platform === undefined ? image.id : undefined)})
    }
    return moved
  })
}

/** In the words of containers/image (pkg/shortnames) and of CRI-O (internal/storage/image.go), which asks it where a name leads. */
function explainShortName(error: unknown): never {
  if (!(error instanceof CriError) || !/short[- ]name/.test(error.message)) throw error
  throw new UserError(
    `CRI-O does not know where a short name leads: ${error.message}.`,
    'Have /etc/containers/registries.conf say unqualified-search-registries = ["docker.io"], as Docker had it, and restart CRI-O.', FAILED,
  )
}

function withoutDockerId(image: MovedImage): MovedImage {
  return image.state === 'present' ? {name: image.name, state: 'present', id: image.id} : image
}

function notCopied(name: string, args: readonly string[], error: Error): UserError {
  if (!/there is no (?:program skopeo|`skopeo`)/i.test(error.message)) return skopeoFailed(`copy ${name}`, 'skopeo', args, error.message)
  return new UserError(`skopeo could not copy ${name}: ${error.message}.`, `Install skopeo, which CRI-O needs for this. It was run as: skopeo ${args.join(' ')}`, FAILED)
}

/** What skopeo is run with (skopeo-copy(1), containers-transports(5)) for an archive that holds but this image. */
function skopeoArgs(path: string, id: string, {whole, isId}: ImageName): readonly string[] {
  return ['copy', '--quiet', `docker-archive:${path}`, isId ? storedImage(id) : `containers-storage:${whole}`]
}
