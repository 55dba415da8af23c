// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {Readable} from 'node:stream'
import {pack} from 'tar-stream'
import type {BlobToWrite, ContainerdStore} from '../../../src/cri/containerd/store.ts'
import type {DockerImage} from '../../../src/images/docker.ts'
import type {Work} from '../../../src/images/store-image.ts'
import {Unpacker} from '../../../src/images/unpack.ts'

export const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** What a store was given, and what it was asked to do. */
export interface FakeStore {
  readonly blobs: Map<string, Buffer>
  readonly labels: Map<string, Readonly<Record<string, string>>>
  readonly snapshots: Set<string>
  /** digests of layers in the order in which they were unpacked */
  readonly unpacked: string[]
  readonly names: Map<string, string>
  /** bytes that were sent, blob by blob */
  readonly sent: number[]
  readonly work: Work
  readonly unpacker: Unpacker
}

/** A containerd that keeps everything in memory, and takes bytes for what they are. */
export function fakeStore(): FakeStore {
  const [blobs, labels, snapshots, names] = [new Map<string, Buffer>(), new Map<string, Readonly<Record<string, string>>>(), new Set<string>(), new Map<string, string>()]
  const [unpacked, sent]: [string[], number[]] = [[], []]
  const store = {
    blob: async (digest: string) => (blobs.has(digest) ? {digest, size: BigInt(blobs.get(digest)?.length ?? 0), labels: new Map()} : undefined),
    readBlob: async (digest: string) => blobs.get(digest) ?? Buffer.alloc(0),
    labelBlob: async (digest: string, added: Readonly<Record<string, string>>) => void labels.set(digest, {...labels.get(digest), ...added}),
    writeBlob: async ({digest, size, labels: given}: BlobToWrite, chunks: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void) => {
      if (digest !== undefined && blobs.has(digest)) return undefined
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) {
        parts.push(chunk)
        onBytes?.(chunk.length)
      }
      const bytes = Buffer.concat(parts)
      const actual = sha256(bytes)
      if (bytes.length !== size || (digest ?? actual) !== actual) throw new Error('unexpected commit digest')
      if (blobs.has(actual)) return undefined
      blobs.set(actual, bytes)
      labels.set(actual, given ?? {})
      return {digest: actual, size, sent: size}
    },
    hasSnapshot: async (_: string, name: string) => snapshots.has(name),
    prepareSnapshot: async () => [],
    apply: async ({digest}: {readonly digest: string}) => {
      unpacked.push(digest)
      return digest
    },
    commitSnapshot: async (_: string, name: string) => snapshots.add(name) === snapshots,
    removeSnapshot: async () => undefined,
    createImage: async (name: string, {digest}: {readonly digest: string}) => names.set(name, digest) === names,
  } as unknown as ContainerdStore
  const work: Work = {store, snapshotter: 'overlayfs', onBytes: () => undefined, onSent: (bytes) => sent.push(bytes)}
  return {blobs, labels, snapshots, unpacked, names, sent, work, unpacker: new Unpacker(store, 'overlayfs')}
}

export interface TarFile {
  readonly name: string
  readonly content?: Uint8Array
  /** makes it a symbolic link */
  readonly link?: string
}

/** A tar archive, in chunks of a size that fits nothing in it. */
export async function archiveOf(files: readonly TarFile[]): Promise<Buffer> {
  const archive = pack()
  for (const {name, content = Buffer.alloc(0), link} of files) {
    if (link === undefined) archive.entry({name}, Buffer.from(content))
    else archive.entry({name, type: 'symlink', linkname: link})
  }
  archive.finalize()
  const parts: Uint8Array[] = []
  for await (const part of archive as AsyncIterable<Uint8Array>) parts.push(part)
  return Buffer.concat(parts)
}

export function streamOf(archive: Buffer): Readable {
  return Readable.from((function* () {
    for (let at = 0; at < archive.length; at += 1000) yield archive.subarray(at, at + 1000)
  })(), {objectMode: false})
}

/** An image of layers, as Docker tells of it, and its configuration. */
export function imageOf(...layers: readonly Uint8Array[]): {readonly image: DockerImage; readonly config: Buffer} {
  const diffIds = layers.map(sha256)
  const config = Buffer.from(JSON.stringify({architecture: 'amd64', os: 'linux', rootfs: {type: 'layers', diff_ids: diffIds}}))
  const size = layers.reduce((sum, layer) => sum + layer.length, 0)
  return {config, image: {id: sha256(config), layers: diffIds, size, os: 'linux', architecture: 'amd64', tags: []}}
}
