// SPDX-License-Identifier: Apache-2.0
import type {Readable, Writable} from 'node:stream'

/** A file in an archive. What is not taken of its content before the next is asked for is skipped. */
export interface ArchiveEntry {
  readonly name: string
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * The regular files of a tar archive, as they pass by. Leaving the loop ends the archive. Of the archive no more than a chunk and a
 * header is held (tar-stream refuses headers over 4 MiB).
 *
 * @throws Error for what is no archive, or ends early
 */
export async function* archiveEntries(archive: Readable): AsyncGenerator<ArchiveEntry> {
  const {extract} = await import('tar-stream')
  const {pipeline} = process.getBuiltinModule('node:stream/promises')
  const reader = extract()
  const feeding = pipeline(archive, reader as unknown as Writable)
  // Told below, when the loop has ended for it.
  feeding.catch(() => undefined)
  for await (const entry of reader) {
    const {name, size, type} = entry.header
    if (type === 'file') yield {name: name.replace(/^\.\//, ''), size, content: entry as AsyncIterable<Uint8Array>}
    entry.resume()
  }
  await feeding
}

/**
 * The whole content of a small file.
 *
 * @throws Error when it is larger
 */
export async function smallFile({name, size, content}: ArchiveEntry, maxBytes: number): Promise<Buffer> {
  if (size > maxBytes) throw new Error(`${name.slice(0, 100)} has ${size} bytes, more than ${maxBytes}`)
  const parts: Uint8Array[] = []
  for await (const chunk of content) parts.push(chunk)
  return Buffer.concat(parts)
}
