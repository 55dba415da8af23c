// SPDX-License-Identifier: Apache-2.0
import {randomUUID} from 'node:crypto'
import type {BlobToWrite, ContainerdStore, WrittenBlob} from '../cri/containerd/store.ts'
import type {StoreImage} from './documents.ts'

/** What moving images into a containerd works with. */
export interface Work {
  readonly store: ContainerdStore
  readonly snapshotter: string
  /** told of bytes of layers as they come, and of how many of them were sent to containerd when each is done */
  onBytes(bytes: number): void
  onSent(bytes: number): void
}

/** Labels of the metadata that containerd's garbage collection follows (docs/garbage-collection.md). */
const KEEPS_CONTENT = 'containerd.io/gc.ref.content.'
const KEEPS_SNAPSHOT = 'containerd.io/gc.ref.snapshot.'
/** What the CRI marks the images with that it knows (internal/cri/labels). */
const MANAGED = {'io.cri-containerd.image': 'managed'}
/** gRPC's "unavailable": containerd says that somebody else writes under the same ref. */
const LOCKED = 14

/** Writes the documents of an image, whose layers are there, so that they keep the layers and the unpacked snapshots. */
export async function writeDocuments({store, snapshotter}: Work, image: StoreImage, snapshot: string | undefined): Promise<void> {
  for (const {digest, size, bytes, keeps} of image.documents) {
    const labels = Object.fromEntries(Object.entries(keeps).map(([suffix, kept]) => [`${KEEPS_CONTENT}${suffix}`, kept]))
    if (digest === image.config.digest && snapshot !== undefined) labels[`${KEEPS_SNAPSHOT}${snapshotter}`] = snapshot
    const written = await writeOnce(store, {ref: `rtctl-${digest}`, size, digest, labels}, async function* () {
      yield bytes
    })
    if (written === undefined && Object.keys(labels).length > 0) await store.labelBlob(digest, labels)
  }
}

/**
 * Gives an image its names, first that of its id, as the CRI does it when it pulls (internal/cri/server/images/image_pull.go): also
 * a CRI that is started later finds it. A name that exists is left alone.
 */
export async function nameImage({store}: Work, image: StoreImage, names: readonly string[]): Promise<void> {
  const {mediaType, digest, size} = image.target
  const target = {mediaType, digest, size: BigInt(size)}
  for (const name of new Set([image.config.digest, ...names])) await store.createImage(name, target, MANAGED)
}

/** Writes a layer, and tells of it. */
export async function writeLayer(blob: BlobToWrite, chunks: AsyncIterable<Uint8Array>, {store, onBytes, onSent}: Work): Promise<void> {
  const written = await writeOnce(store, blob, () => chunks, onBytes)
  if (written !== undefined) onSent(written.sent)
}

/** Writes a blob; where another process is about the same, once more beside it. The bytes are asked for only when they are taken. */
async function writeOnce(
  store: ContainerdStore, blob: BlobToWrite, chunks: () => AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void,
): Promise<WrittenBlob | undefined> {
  let begun = false
  const noted = async function* () {
    begun = true
    yield* chunks()
  }
  try {
    return await store.writeBlob(blob, noted(), onBytes)
  } catch (error) {
    if (begun || (error as {readonly code?: unknown}).code !== LOCKED) throw error
    return store.writeBlob({...blob, ref: `${blob.ref}-${randomUUID()}`}, noted(), onBytes)
  }
}
