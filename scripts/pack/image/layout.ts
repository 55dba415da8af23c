// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {createReadStream, createWriteStream, mkdirSync, readdirSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {pack, type Pack} from 'tar-stream'
import type {Architecture} from '../context.ts'
import {NODE_FLAGS} from '../node-runtime.ts'
import {DEBIAN_ARCHITECTURE} from './debian.ts'
import {hexOf, writeLayer, type Blob, type LayerBlob} from './layer.ts'
import {NONROOT, RTCTL, type RootLayer} from './root.ts'

/** What the image says of itself. */
export interface ImageDescription {
  readonly version: string
  readonly description: string
  readonly license: string
  /** seconds since 1970 */
  readonly epoch: number
}

/** Name of the image where nobody gave it another. Nothing is ever pulled from this registry. */
export const imageName = (version: string) => `localhost/rtctl:${version}`

// Media types of the OCI image specification 1.0.
const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

interface Image {
  readonly architecture: Architecture
  readonly config: Blob
  readonly manifest: Blob
  readonly layers: readonly LayerBlob[]
}

/**
 * Writes an image for several architectures as one tar: an OCI image layout, with the file beside it by which `docker load` of
 * engines without OCI knows the first architecture. It is there as a whole or not at all.
 *
 * @param work empty folder for the parts
 * @throws Error of the system
 */
export async function writeImage(
  file: string, work: string, description: ImageDescription, roots: ReadonlyMap<Architecture, readonly RootLayer[]>,
): Promise<void> {
  const blobs = join(work, 'blobs/sha256')
  mkdirSync(blobs, {recursive: true})
  const images: Image[] = []
  for (const [architecture, layers] of roots) images.push(await writeOne(architecture, layers, description, blobs))
  const index = writeJson(blobs, {
    schemaVersion: 2, mediaType: INDEX, annotations: annotationsOf(description),
    manifests: images.map(({architecture, manifest}) => ({mediaType: MANIFEST, ...manifest, platform: platformOf(architecture)})),
  })
  writeFileSync(join(work, 'oci-layout'), JSON.stringify({imageLayoutVersion: '1.0.0'}))
  writeFileSync(join(work, 'index.json'), JSON.stringify(topIndex(index, description)))
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(images.slice(0, 1).map((image) => dockerManifest(image, description))))
  await writeArchive(`${file}.unfinished`, work, description.epoch)
  renameSync(`${file}.unfinished`, file)
}

async function writeOne(architecture: Architecture, roots: readonly RootLayer[], description: ImageDescription, blobs: string): Promise<Image> {
  const layers: LayerBlob[] = []
  for (const layer of roots) layers.push(await writeLayer(layer, description.epoch, blobs))
  const config = writeJson(blobs, imageConfig(architecture, layers, description))
  const manifest = writeJson(blobs, {
    schemaVersion: 2, mediaType: MANIFEST, config: {mediaType: CONFIG, ...config},
    layers: layers.map(({digest, size}) => ({mediaType: LAYER, digest, size})), annotations: annotationsOf(description),
  })
  return {architecture, config, manifest, layers}
}

function imageConfig(architecture: Architecture, layers: readonly LayerBlob[], description: ImageDescription): object {
  const created = dateOf(description)
  return {
    created, ...platformOf(architecture),
    config: {
      User: `${NONROOT}:${NONROOT}`, Entrypoint: [`/${RTCTL}/lib/node`, ...NODE_FLAGS, `/${RTCTL}/bin/run.js`], Cmd: ['--help'], WorkingDir: '/',
      Env: ['PATH=/usr/bin'], Labels: annotationsOf(description),
    },
    rootfs: {type: 'layers', diff_ids: layers.map(({diffId}) => diffId)},
    history: layers.map(({createdBy}) => ({created, created_by: createdBy})),
  }
}

function platformOf(architecture: Architecture) {
  return {architecture: DEBIAN_ARCHITECTURE[architecture], os: 'linux', ...architecture === 'arm64' ? {variant: 'v8'} : {}}
}

/** The names are those of the OCI image specification, annotations.md. */
function annotationsOf(description: ImageDescription): Record<string, string> {
  return {
    'org.opencontainers.image.created': dateOf(description),
    'org.opencontainers.image.description': description.description,
    'org.opencontainers.image.licenses': description.license,
    'org.opencontainers.image.title': 'rtctl',
    'org.opencontainers.image.version': description.version,
  }
}

function dateOf({epoch}: ImageDescription): string {
  return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z')
}

/** containerd takes the whole name from its own annotation, others the tag from that of the specification. */
function topIndex(index: Blob, {version}: ImageDescription): object {
  const annotations = {'io.containerd.image.name': imageName(version), 'org.opencontainers.image.ref.name': version}
  return {schemaVersion: 2, mediaType: INDEX, manifests: [{mediaType: INDEX, ...index, annotations}]}
}

function dockerManifest({config, layers}: Image, {version}: ImageDescription): object {
  const path = (blob: Blob) => `blobs/sha256/${hexOf(blob)}`
  return {Config: path(config), RepoTags: [imageName(version)], Layers: layers.map(path)}
}

function writeJson(blobs: string, value: object): Blob {
  const bytes = Buffer.from(JSON.stringify(value))
  const blob = {digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length}
  writeFileSync(join(blobs, hexOf(blob)), bytes)
  return blob
}

async function writeArchive(file: string, work: string, epoch: number): Promise<void> {
  const archive = pack()
  await Promise.all([addFiles(archive, work, epoch), pipeline(Readable.from(archive), createWriteStream(file))])
}

async function addFiles(archive: Pack, work: string, epoch: number): Promise<void> {
  const common = {mtime: new Date(epoch * 1000), uid: 0, gid: 0, uname: 'root', gname: 'root'}
  for (const folder of ['blobs/', 'blobs/sha256/']) archive.entry({...common, name: folder, type: 'directory', mode: 0o755})
  const blobs = readdirSync(join(work, 'blobs/sha256')).sort().map((name) => `blobs/sha256/${name}`)
  for (const name of [...blobs, 'index.json', 'manifest.json', 'oci-layout']) {
    const {size} = statSync(join(work, name))
    const entry = archive.entry({...common, name, type: 'file', mode: 0o644, size})
    await pipeline(createReadStream(join(work, name)), entry as unknown as NodeJS.WritableStream)
  }
  archive.finalize()
}
