// SPDX-License-Identifier: Apache-2.0
import type {Readable} from 'node:stream'
import type {ArchiveEntry} from './archive.ts'
import {archiveEntries, smallFile} from './archive.ts'
import type {DockerImage} from './docker.ts'
import type {Platform, StoreImage} from './documents.ts'
import {digestOf, imageOfManifest, MAX_DOCUMENT_BYTES} from './documents.ts'
import type {Work} from './store-image.ts'
import {writeDocuments, writeLayer} from './store-image.ts'
import type {Unpacker} from './unpack.ts'

const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/
/** Of documents that are held until the archive was read. */
const MAX_HELD_BYTES = 64 * 1024 * 1024
const BRACE = 0x7b

/**
 * Moves images of a Docker that keeps them as containerd does: with their manifests, so that also those that are named by a digest
 * go over. An index stays what the name stands for; of what it refers to only the image for this platform is taken.
 *
 * @param open begins the archive of these images
 * @param done told of each image when it can be given names
 * @throws Error for an archive that is broken or lacks something
 */
export async function moveWithManifests(
  images: readonly DockerImage[], platform: Platform, work: Work, unpacker: Unpacker,
  open: () => Promise<Readable>, done: (image: DockerImage, stored: StoreImage) => Promise<void>,
): Promise<void> {
  const documents = new Documents(work)
  for await (const entry of archiveEntries(await open())) {
    const [, hex] = BLOB.exec(entry.name) ?? []
    if (hex !== undefined) await take(`sha256:${hex}`, entry, documents, work)
  }
  await Promise.all(images.map(async (image) => {
    const stored = await imageOfManifest(image.id, platform, (digest) => documents.read(digest))
    const layers = stored.layers.map((layer) => ({diffId: layer.diffId, blob: Promise.resolve(layer)}))
    for (const {digest} of layers.length > 0 ? stored.layers : []) {
      if (await work.store.blob(digest) === undefined) throw new Error(`the archive lacks layer ${digest}`)
    }
    await writeDocuments(work, stored, await unpacker.unpack(layers))
    await done(image, stored)
  }))
}

/** Manifests, indexes and configurations: those that came, and those that containerd has. */
class Documents {
  readonly #work: Work
  readonly #held = new Map<string, Buffer>()
  #bytes = 0

  constructor(work: Work) {
    this.#work = work
  }

  hasRoom(bytes: number): boolean {
    return bytes <= MAX_DOCUMENT_BYTES && this.#bytes + bytes <= MAX_HELD_BYTES
  }

  hold(digest: string, bytes: Buffer): void {
    this.#held.set(digest, bytes)
    this.#bytes += bytes.length
  }

  async read(digest: string): Promise<Buffer | undefined> {
    const held = this.#held.get(digest)
    if (held !== undefined || await this.#work.store.blob(digest) === undefined) return held
    return this.#work.store.readBlob(digest, MAX_DOCUMENT_BYTES)
  }
}

/** Holds what may be a document, writes what is a layer and not there yet. */
async function take(digest: string, entry: ArchiveEntry, documents: Documents, work: Work): Promise<void> {
  const source = entry.content[Symbol.asyncIterator]()
  const {value: first, done = false} = await source.next()
  if (done || first === undefined) return
  const whole = (async function* () {
    yield first
    yield* {[Symbol.asyncIterator]: () => source}
  })()
  if (first[0] === BRACE && documents.hasRoom(entry.size)) {
    const bytes = await smallFile({...entry, content: whole}, MAX_DOCUMENT_BYTES)
    if (digestOf(bytes) !== digest) throw new Error(`what the archive has as ${digest} is something else`)
    documents.hold(digest, bytes)
  } else if (await work.store.blob(digest) === undefined) {
    await writeLayer({ref: `rtctl-${digest}`, size: entry.size, digest}, whole, work)
  }
}
