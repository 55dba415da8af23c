// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {at, count, isDigest, list, text} from './untrusted-json.ts'

/** A blob as documents refer to it. */
export interface BlobRef {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface Layer extends BlobRef {
  /** digest of it, not compressed */
  readonly diffId: string
}

/** A document of the store, with the blobs that it keeps: by the suffix of containerd's label for them. */
export interface Document extends BlobRef {
  readonly bytes: Buffer
  readonly keeps: Readonly<Record<string, string>>
}

/** An image that can be put into containerd's store. */
export interface StoreImage {
  /** what the names stand for: the manifest, or the index that it was found in */
  readonly target: BlobRef
  /** from the innermost on: configuration, manifest, index */
  readonly documents: readonly Document[]
  readonly config: BlobRef
  readonly layers: readonly Layer[]
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

/** A manifest or configuration is some kilobytes, a large one some hundred. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
/** An image has 127 at most: overlayfs takes no more. */
const MAX_LAYERS = 1000

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The names of snapshots of layers upon each other, the lowest first (image-spec: config.md, "Layer ChainID"). */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}

/**
 * The image that a configuration and its layers make, with a manifest of our own: Docker's classic store has none.
 *
 * @param sizes bytes of each layer
 * @throws Error when the configuration is of other layers
 */
export function imageOfConfig(config: Buffer, layerDigests: readonly string[], sizes: readonly number[]): StoreImage {
  const diffIds = diffIdsIn(config)
  if (diffIds.join() !== layerDigests.join()) throw new Error('the configuration of the image names other layers than Docker does')
  const layers = diffIds.map((digest, index) => ({mediaType: LAYER, digest, diffId: digest, size: sizes[index] ?? 0}))
  const configRef = {mediaType: CONFIG, digest: digestOf(config), size: config.length}
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType: MANIFEST, config: configRef, layers: layers.map(({mediaType, digest, size}) => ({mediaType, digest, size})),
  }))
  const target = {mediaType: MANIFEST, digest: digestOf(manifest), size: manifest.length}
  return {target, documents: [{...configRef, bytes: config, keeps: {}}, {...target, bytes: manifest, keeps: keptByManifest(configRef, layers)}], config: configRef, layers}
}

/**
 * The image for a platform behind the digest of a manifest or of an index.
 *
 * @param read gives a document by its digest; undefined: it is not there
 * @throws Error which says what is missing
 */
export async function imageOfManifest(digest: string, platform: Platform, read: (digest: string) => Promise<Buffer | undefined>): Promise<StoreImage> {
  const bytes = await needed(digest, read)
  const document = parsed(bytes, digest)
  if (!Array.isArray(at(document, 'manifests'))) return imageOfOneManifest(bytes, document, read)
  const fitting = list(document, 'manifests').filter((entry) => fits(entry, platform)).map((entry) => text(entry, 'digest')).filter(isDigest)
  for (const one of fitting) {
    const manifest = await read(one)
    if (manifest === undefined) continue
    const image = await imageOfOneManifest(manifest, parsed(manifest, one), read)
    const target = {mediaType: text(document, 'mediaType') || INDEX, digest, size: bytes.length}
    return {...image, target, documents: [...image.documents, {...target, bytes, keeps: {'m.0': one}}]}
  }
  throw new Error(`the image has nothing for ${platform.os}/${platform.architecture}`)
}

async function imageOfOneManifest(bytes: Buffer, document: unknown, read: (digest: string) => Promise<Buffer | undefined>): Promise<StoreImage> {
  const digest = digestOf(bytes)
  const config = blobRef(at(document, 'config'), CONFIG)
  const blobs = list(document, 'layers').map((layer) => blobRef(layer, LAYER))
  const configBytes = await needed(config.digest, read)
  const diffIds = diffIdsIn(configBytes)
  if (diffIds.length !== blobs.length) throw new Error(`manifest ${digest} has ${blobs.length} layers, its configuration ${diffIds.length}`)
  const layers = blobs.map((blob, index) => ({...blob, diffId: diffIds[index] ?? ''}))
  const target = {mediaType: text(document, 'mediaType') || MANIFEST, digest, size: bytes.length}
  return {target, documents: [{...config, bytes: configBytes, keeps: {}}, {...target, bytes, keeps: keptByManifest(config, layers)}], config, layers}
}

/** containerd's labels `containerd.io/gc.ref.content.…` of a manifest (containerd core/images/handlers.go). */
function keptByManifest(config: BlobRef, layers: readonly BlobRef[]): Readonly<Record<string, string>> {
  return {config: config.digest, ...Object.fromEntries(layers.map(({digest}, index) => [`l.${index}`, digest]))}
}

function diffIdsIn(config: Buffer): readonly string[] {
  const diffIds = at(parsed(config, 'the configuration'), 'rootfs', 'diff_ids')
  if (!Array.isArray(diffIds) || diffIds.length > MAX_LAYERS || !diffIds.every(isDigest)) throw new Error('the configuration of the image names no layers')
  return diffIds
}

function fits(entry: unknown, {os, architecture}: Platform): boolean {
  return text(entry, 'platform', 'os') === os && text(entry, 'platform', 'architecture') === architecture
}

function blobRef(value: unknown, mediaType: string): BlobRef {
  const digest = text(value, 'digest')
  if (!isDigest(digest)) throw new Error('a manifest refers to something that is no digest')
  return {mediaType: text(value, 'mediaType') || mediaType, digest, size: count(value, 'size')}
}

async function needed(digest: string, read: (digest: string) => Promise<Buffer | undefined>): Promise<Buffer> {
  const bytes = await read(digest)
  if (bytes === undefined) throw new Error(`the archive has no ${digest}`)
  if (digestOf(bytes) !== digest) throw new Error(`what the archive has as ${digest} is something else`)
  return bytes
}

function parsed(bytes: Buffer, what: string): unknown {
  if (bytes.length > MAX_DOCUMENT_BYTES) throw new Error(`${what} is too long for a document`)
  try {
    return JSON.parse(bytes.toString()) as unknown
  } catch {
    throw new Error(`${what} is no JSON`)
  }
}
