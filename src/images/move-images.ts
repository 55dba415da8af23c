// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from '../cri/channel.ts'
import type {CriConnection} from '../cri/connection.ts'
import type {ContainerdStore} from '../cri/containerd/store.ts'
import {CriError} from '../cri/errors.ts'
import type {ImageMove, ImageMoveReport, MovedImage} from '../model/migration/images.ts'
import {UserError} from '../model/user-error.ts'
import type {SizedImage} from './batches.ts'
import {batches, layerSizes, totalBytes} from './batches.ts'
import {moveClassic} from './classic-archive.ts'
import {moveWithCrio} from './crio.ts'
import type {DockerImage} from './docker.ts'
import {DockerImages} from './docker.ts'
import type {Platform, StoreImage} from './documents.ts'
import type {ImageName} from './image-name.ts'
import {beginLease, endLeases, leaveLease} from './leases.ts'
import {moveWithManifests} from './manifest-archive.ts'
import {RuntimeImages} from './runtime.ts'
import {nameImage} from './store-image.ts'
import type {Task} from './tasks.ts'
import {tasksFor} from './tasks.ts'
import {Unpacker} from './unpack.ts'

/** The namespace of the CRI in containerd (internal/cri/constants). */
const NAMESPACE = 'k8s.io'
const FAILED = 1
/** Status of gRPC for a service that is not there. */
const UNIMPLEMENTED = 12
const CALL_LIMIT_MS = 60_000
/** What Node.js calls otherwise than images do. */
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', ia32: '386', ppc64: 'ppc64le', loong64: 'loong64'}

/**
 * Brings images of Docker into the store of containerd or CRI-O, so that pods find them under the names they have for them. What is
 * there is left alone. Nothing has a name before it is whole; after a failure, Ctrl-C or `kill -9` the next call goes on.
 *
 * @throws UserError when something cannot be reached, the archive of Docker breaks off, or the runtime does not show an image
 */
export async function moveImages(move: ImageMove): Promise<ImageMoveReport> {
  const {openConnection} = await import('../cri/connection.ts')
  const address = addressOf(move.to.endpoint)
  const docker = new DockerImages(move.dockerSocket, move.signal)
  let cri: CriConnection | undefined
  try {
    cri = openConnection(address, {timeoutMs: CALL_LIMIT_MS, maxRetries: 3})
    return await (move.to.name === 'cri-o' ? moveWithCrio(move, docker, cri, nodePlatform()) : moveToContainerd(move, docker, cri, address))
  } catch (error) {
    throw explained(error, move)
  } finally {
    cri?.close()
    docker.close()
  }
}

async function moveToContainerd(move: ImageMove, docker: DockerImages, cri: CriConnection, address: CriAddress): Promise<ImageMoveReport> {
  const {ContainerdStore} = await import('../cri/containerd/store.ts')
  const plain = new ContainerdStore(address, NAMESPACE)
  const runtime = new RuntimeImages(cri, plain, nodePlatform())
  try {
    const manifests = await docker.keepsManifests()
    const {decided, tasks} = await tasksFor(move, docker, runtime, {manifests, platform: nodePlatform()})
    const route = {move, docker, runtime, manifests, ...(await estimate(tasks, docker, plain))}
    const moved = tasks.length === 0 || move.dryRun === true ? foreseen(tasks, route.missing) : await underLease(plain, async (lease) => {
      const store = new ContainerdStore(address, NAMESPACE, lease, move.signal)
      return moveTasks(tasks, {...route, store}).finally(() => store.close())
    })
    if (move.dryRun !== true) await endLeases(plain)
    return {...moved, images: inOrder([...decided, ...moved.images]), ...(runtime.unverified !== undefined && {unverified: runtime.unverified})}
  } finally {
    plain.close()
  }
}

/** The report of a move that is not made. */
function foreseen(tasks: readonly Task[], missing: number): ImageMoveReport {
  const images = tasks.flatMap(({image, names}) => names.map(({given}) => ({name: given, state: 'moved', id: image.id} as const)))
  return {images, movedBytes: Math.round(missing), sharedBytes: 0}
}

/** What there is to move in bytes, and how many of those containerd does not have, as far as Docker tells. */
async function estimate(tasks: readonly Task[], docker: DockerImages, store: ContainerdStore): Promise<{readonly sized: readonly SizedImage[]; readonly missing: number}> {
  const sized: SizedImage[] = []
  for (const {image} of tasks) sized.push({image, layerSizes: layerSizes(image, await docker.stepSizes(image.id))})
  const there = new Set<string>()
  for (const digest of new Set(sized.flatMap(({image}) => image.layers))) if (await store.blob(digest) !== undefined) there.add(digest)
  return {sized, missing: totalBytes(sized, (digest) => there.has(digest))}
}

async function underLease<Result>(store: ContainerdStore, work: (lease: string) => Promise<Result>): Promise<Result> {
  const lease = await beginLease(store)
  return work(lease).finally(() => leaveLease(lease))
}

interface Route {
  readonly move: ImageMove
  readonly docker: DockerImages
  readonly runtime: RuntimeImages
  readonly store: ContainerdStore
  readonly sized: readonly SizedImage[]
  /** bytes */
  readonly missing: number
  /** Docker keeps manifests */
  readonly manifests: boolean
}

async function moveTasks(tasks: readonly Task[], {move, docker, runtime, store, sized, missing, manifests}: Route): Promise<ImageMoveReport> {
  const counter = new Counter(move, missing)
  const work = {store, snapshotter: await runtime.snapshotter(), onBytes: (bytes: number) => counter.add(bytes), onSent: (bytes: number) => counter.sent(bytes)}
  const unpacker = new Unpacker(store, work.snapshotter)
  const images: MovedImage[] = []
  const done = async (image: DockerImage, stored: StoreImage) => {
    const names = tasks.find((task) => task.image.id === image.id)?.names ?? []
    await nameImage(work, stored, names.map(({whole}) => whole))
    for (const name of names) {
      await runtime.expect(name, stored.config.digest)
      images.push({name: name.given, state: 'moved', id: stored.config.digest})
    }
    counter.finished(stored, names)
  }
  for (const batch of batches(sized)) {
    const portion = batch.map(({image}) => image)
    const open = () => docker.export(portion.map(({id}) => id), manifests ? nodePlatform() : undefined)
    await (manifests ? moveWithManifests(portion, nodePlatform(), work, unpacker, open, done) : moveClassic(portion, work, unpacker, open, done))
  }
  return {images, movedBytes: counter.moved, sharedBytes: Math.max(0, counter.all - counter.moved)}
}

/** Counts bytes, and tells of them. */
class Counter {
  readonly #move: ImageMove
  readonly #expected: number
  #done = 0
  #image: string | undefined
  /** bytes that were sent, and those of all layers of all images */
  moved = 0
  all = 0

  constructor(move: ImageMove, expected: number) {
    this.#move = move
    this.#expected = expected
    this.add(0)
  }

  add(bytes: number): void {
    this.#done += bytes
    const ofAll = Math.round(Math.max(this.#expected, this.#done))
    this.#move.progress({doneBytes: this.#done, totalBytes: ofAll, ...(this.#image !== undefined && {image: this.#image})})
  }

  sent(bytes: number): void {
    this.moved += bytes
  }

  finished({layers}: StoreImage, names: readonly ImageName[]): void {
    this.all += layers.reduce((sum, {size}) => sum + size, 0)
    this.#image = names[0]?.given
    this.add(0)
  }
}

function inOrder(images: readonly MovedImage[]): readonly MovedImage[] {
  return images.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

function nodePlatform(): Platform {
  return {os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch}
}

function addressOf(endpoint: string): CriAddress {
  const path = endpoint.replace(/^unix:\/\//, '')
  if (path.startsWith('/')) return {kind: 'unix', path}
  throw new UserError(`Images cannot be moved to ${endpoint}: it is no unix socket.`, 'Name the socket of the runtime: unix:///run/containerd/containerd.sock.')
}

/** What a daemon or an archive did wrong, for the user; bugs of rtctl stay what they are. */
function explained(error: unknown, {signal, dockerSocket, to}: ImageMove): unknown {
  if (signal.aborted) return new UserError('Interrupted.', 'Do the same again: only the rest is moved.', 130)
  if (error instanceof UserError || !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return error
  if (!(error instanceof CriError)) return new UserError(`The archive of Docker at ${dockerSocket} cannot be used: ${error.message}.`, 'See that dockerd runs and has room on its disk, then do the same again: only the rest is moved.', FAILED)
  if (error.code === UNIMPLEMENTED && error.call === undefined) return new UserError(`What listens on ${to.endpoint} is no containerd.`, 'Name the socket of containerd with --runtime-endpoint.', FAILED)
  return new UserError(`${to.name} at ${to.endpoint} failed: ${error.message}.`, 'See that it runs and has room on its disk, then do the same again: only the rest is moved.', FAILED)
}
