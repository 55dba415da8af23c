// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {createWriteStream, renameSync} from 'node:fs'
import {join} from 'node:path'
import {Readable, Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import {pack, type Pack} from 'tar-stream'
import {contentOf, modeOf, type RootLayer} from './root.ts'

/** A blob in the layout. */
export interface Blob {
  /** `sha256:` and hexadecimal digits */
  readonly digest: string
  /** bytes */
  readonly size: number
}

/** A compressed layer; `diffId` is the digest of the archive in it. */
export interface LayerBlob extends Blob {
  readonly diffId: string
  readonly createdBy: string
}

/**
 * Writes a layer as compressed tar to `blobs/HEX`. Owners, modes and times are given, never taken from the machine.
 *
 * @param epoch seconds since 1970, of every entry
 */
export async function writeLayer({createdBy, entries}: RootLayer, epoch: number, blobs: string): Promise<LayerBlob> {
  const archive = pack()
  const [inside, outside] = [counter(), counter()]
  const temporary = join(blobs, 'unfinished')
  await Promise.all([
    addEntries(archive, entries, epoch),
    // 9 would take three times as long for one percent
    pipeline(Readable.from(archive), inside.through, createGzip({level: 6}), outside.through, createWriteStream(temporary)),
  ])
  const [{digest: diffId}, blob] = [inside.result(), outside.result()]
  renameSync(temporary, join(blobs, hexOf(blob)))
  return {...blob, diffId, createdBy}
}

/** The hexadecimal digits of a digest, which are the name of the blob's file. */
export function hexOf({digest}: Blob): string {
  return digest.slice('sha256:'.length)
}

async function addEntries(archive: Pack, entries: RootLayer['entries'], epoch: number): Promise<void> {
  const common = {mtime: new Date(epoch * 1000), uid: 0, gid: 0, uname: 'root', gname: 'root'}
  for (const entry of entries) {
    const mode = modeOf(entry)
    await new Promise<void>((resolve, reject) => {
      const added = (error?: Error | null) => (error ? reject(error) : resolve())
      switch (entry.type) {
        case 'directory':
          archive.entry({...common, name: `${entry.path}/`, type: 'directory', mode}, added)
          break
        case 'symlink':
          archive.entry({...common, name: entry.path, type: 'symlink', linkname: entry.target, mode}, added)
          break
        case 'file':
          archive.entry({...common, name: entry.path, type: 'file', mode}, contentOf(entry), added)
      }
    })
  }
  archive.finalize()
}

/** Counts and hashes what goes through. */
function counter() {
  const hash = createHash('sha256')
  let size = 0
  const through = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      hash.update(bytes)
      size += bytes.length
      done(null, bytes)
    },
  })
  return {through, result: (): Blob => ({digest: `sha256:${hash.digest('hex')}`, size})}
}
