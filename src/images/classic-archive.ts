// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import type {Readable} from 'node:stream'
import type {ArchiveEntry} from './archive.ts'
import {archiveEntries, smallFile} from './archive.ts'
import type {DockerImage} from './docker.ts'
import type {BlobRef, StoreImage} from './documents.ts'
import {digestOf, imageOfConfig, MAX_DOCUMENT_BYTES} from './documents.ts'
import type {Work} from './store-image.ts'
import {writeDocuments, writeLayer} from './store-image.ts'
import type {Unpacker} from './unpack.ts'

const LAYER = 'application/vnd.oci.image.layer.v1.tar'
/** Docker 25 and later: a layout of OCI, in which a layer is called by the digest that Docker knows it by. */
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/
/** Docker up to 24: `ID.json` is the configuration, folders have layers under ids of the time before there were digests. */
const OLD_CONFIG = /^([0-9a-f]{64})\.json$/
const OLD_LAYER = /^[0-9a-f]{64}\/layer\.tar$/
/** Of two layers above this the same size means the same layer, nearly always; below it looking first saves nothing. */
const GUESS_BYTES = 16 * 1024 * 1024
/** More than there are layers in any archive. */
const MAX_NAMES = 20_000

/**
 * Moves images of Docker's classic store. What each consists of is known from Docker, so nothing in the archive is believed but
 * what has the right digest, and no name in it leads anywhere.
 *
 * @param open begins the archive of these images; not called where all of them is there already
 * @param done told of each image when it can be given names
 * @throws Error for an archive that is broken or lacks something
 */
export async function moveClassic(
  images: readonly DockerImage[], work: Work, unpacker: Unpacker, open: () => Promise<Readable>, done: (image: DockerImage, stored: StoreImage) => Promise<void>,
): Promise<void> {
  const parts = new Parts(images)
  await parts.findPresent(work)
  const finished = images.map(async (image) => done(image, await finish(image, parts, work, unpacker)))
  // Looked at below, when the archive has been read.
  for (const one of finished) one.catch(() => undefined)
  try {
    while (parts.pending > 0 && await readArchive(await open(), parts, work));
    parts.fail(new Error(`the archive lacks ${parts.missing().slice(0, 3).join(', ')}`))
  } catch (error) {
    parts.fail(error)
  }
  const failed = (await Promise.allSettled(finished)).find(({status}) => status === 'rejected')
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
}

async function finish({id, layers}: DockerImage, parts: Parts, work: Work, unpacker: Unpacker): Promise<StoreImage> {
  const blobs = Promise.all(layers.map((digest) => parts.layer(digest)))
  const snapshot = unpacker.unpack(layers.map((diffId) => ({diffId, blob: parts.layer(diffId)})))
  // The first failure is the cause of the others.
  const [refs, config, name] = await Promise.all([blobs, parts.config(id), snapshot])
  const image = imageOfConfig(config, layers, refs.map(({size}) => size))
  await writeDocuments(work, image, name)
  return image
}

/** Layers and configurations that images need, and whether they have come. */
class Parts {
  readonly #layers = new Map<string, PromiseWithResolvers<BlobRef>>()
  readonly #configs = new Map<string, PromiseWithResolvers<Buffer>>()
  readonly #pending = new Set<string>()
  /** of layers that have come: another file of such a size may be one of them once more */
  readonly sizes = new Set<number>()
  /** name in the archive → digest of what was taken for another layer, but is one that is needed: it is read once more */
  readonly overlooked = new Map<string, string>()

  constructor(images: readonly DockerImage[]) {
    for (const {id, layers} of images) {
      this.#configs.set(id, quiet(Promise.withResolvers<Buffer>()))
      for (const digest of layers) if (!this.#layers.has(digest)) this.#layers.set(digest, quiet(Promise.withResolvers<BlobRef>()))
    }
    this.#pending = new Set([...this.#configs.keys(), ...this.#layers.keys()])
  }

  get pending(): number {
    return this.#pending.size
  }

  lacksLayer(): boolean {
    return this.missing().some((digest) => this.#layers.has(digest))
  }

  missing(): readonly string[] {
    return [...this.#pending]
  }

  /** What containerd has already, of another image or of a try that ended early. */
  async findPresent({store}: Work): Promise<void> {
    for (const digest of this.#layers.keys()) {
      const info = await store.blob(digest)
      if (info !== undefined) this.layerCame(digest, Number(info.size))
    }
    for (const id of this.#configs.keys()) {
      if (await store.blob(id) !== undefined) this.configCame(id, await store.readBlob(id, MAX_DOCUMENT_BYTES))
    }
  }

  isPending(digest: string, kind: 'layer' | 'config'): boolean {
    return this.#pending.has(digest) && (kind === 'layer' ? this.#layers : this.#configs).has(digest)
  }

  layer(digest: string): Promise<BlobRef> {
    return this.#layers.get(digest)?.promise ?? Promise.reject(new Error(`nobody needs ${digest}`))
  }

  config(id: string): Promise<Buffer> {
    return this.#configs.get(id)?.promise ?? Promise.reject(new Error(`nobody needs ${id}`))
  }

  layerCame(digest: string, size: number): void {
    this.#pending.delete(digest)
    this.sizes.add(size)
    this.#layers.get(digest)?.resolve({mediaType: LAYER, digest, size})
  }

  configCame(id: string, bytes: Buffer): void {
    this.#pending.delete(id)
    this.#configs.get(id)?.resolve(bytes)
  }

  /** For all that has not come: it does not come any more. */
  fail(reason: unknown): void {
    for (const part of [...this.#layers.values(), ...this.#configs.values()]) part.reject(reason)
  }
}

/** Somebody may wait for it, or nobody. */
function quiet<T>(part: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  part.promise.catch(() => undefined)
  return part
}

/** Takes what is needed out of an archive, and leaves it when that is all. @returns whether it has to be read once more */
async function readArchive(archive: Readable, parts: Parts, work: Work): Promise<boolean> {
  const isFirst = parts.overlooked.size === 0
  for await (const entry of archiveEntries(archive)) {
    const [, named] = BLOB.exec(entry.name) ?? OLD_CONFIG.exec(entry.name) ?? []
    const digest = named === undefined ? parts.overlooked.get(entry.name) : `sha256:${named}`
    if (digest !== undefined) await takeNamed(digest, entry, parts, work)
    else if (isFirst && parts.lacksLayer() && OLD_LAYER.test(entry.name)) await takeNameless(entry, parts, work)
    if (parts.pending === 0) break
  }
  return isFirst && parts.overlooked.size > 0
}

async function takeNamed(digest: string, entry: ArchiveEntry, parts: Parts, work: Work): Promise<void> {
  if (parts.isPending(digest, 'config')) {
    const bytes = await smallFile(entry, MAX_DOCUMENT_BYTES)
    if (digestOf(bytes) !== digest) throw new Error(`the configuration ${digest} in the archive is something else`)
    parts.configCame(digest, bytes)
  } else if (parts.isPending(digest, 'layer')) {
    await writeLayer({ref: `rtctl-${digest}`, size: entry.size, digest}, entry.content, work)
    parts.layerCame(digest, entry.size)
  }
}

/** A layer of which only the content says which it is: a large one that has the size of one that is there is looked at before it is written. */
async function takeNameless(entry: ArchiveEntry, parts: Parts, work: Work): Promise<void> {
  if (entry.size > GUESS_BYTES && parts.sizes.has(entry.size)) {
    const digest = await digestOfContent(entry)
    if (parts.isPending(digest, 'layer') && parts.overlooked.size < MAX_NAMES) parts.overlooked.set(entry.name, digest)
    return
  }
  const hash = createHash('sha256')
  const hashed = (async function* () {
    for await (const chunk of entry.content) {
      hash.update(chunk)
      yield chunk
    }
  })()
  await writeLayer({ref: `rtctl-${digestOf(`${entry.name} ${entry.size}`)}`, size: entry.size}, hashed, work)
  const digest = `sha256:${hash.digest('hex')}`
  if (parts.isPending(digest, 'layer')) parts.layerCame(digest, entry.size)
}

async function digestOfContent({content}: ArchiveEntry): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of content) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}
