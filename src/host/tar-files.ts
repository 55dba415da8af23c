// SPDX-License-Identifier: Apache-2.0
import {constants, createReadStream, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, closeSync, fchmodSync, writeSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {basename, dirname, join, posix} from 'node:path'
import {Readable, type Writable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {Header, Pack} from 'tar-stream'

/** What was copied. */
export interface Copied {
  readonly files: number
  readonly bytes: number
}

/** Told of what is not copied, and why. */
export type OnSkipped = (name: string, reason: string) => void

/**
 * Unpacks an archive of one file or folder to a place, whoever made the archive: nothing is written outside of that place,
 * links that lead out of it and devices are left out, bits that give rights to others (setuid, setgid) are taken off. A file is
 * there as a whole or not at all.
 *
 * @param archive an uncompressed tar
 * @param target path of the file or folder to make; its folder must exist
 * @throws Error of the system, or for an archive that is none or ends early
 */
export async function unpackTo(archive: Readable, target: string, onSkipped: OnSkipped): Promise<Copied> {
  const {extract} = await import('tar-stream')
  const reader = extract()
  const feeding = pipeline(archive, reader as unknown as Writable)
  // Told below, when the loop has ended for it.
  feeding.catch(() => undefined)
  let [files, bytes] = [0, 0]
  for await (const entry of reader) {
    const path = placeOf(entry.header, target)
    const written = path === undefined ? skip(entry.header, 'its name leads out of the target', onSkipped) : await place(entry.header, entry as AsyncIterable<Uint8Array>, path, target, onSkipped)
    if (written !== undefined) [files, bytes] = [files + 1, bytes + written]
    entry.resume()
  }
  await feeding
  return {files, bytes}
}

/** Where an entry goes: the first part of its name becomes the target. undefined: nowhere */
function placeOf({name}: Header, target: string): string | undefined {
  if (name.startsWith('/') || name.includes('\0')) return undefined
  const [first, ...rest] = name.split('/').filter((part) => part !== '' && part !== '.')
  if (first === undefined || first === '..' || rest.includes('..')) return undefined
  return join(target, ...rest)
}

/** @returns bytes of a file; undefined for what is none */
async function place(header: Header, content: AsyncIterable<Uint8Array>, path: string, target: string, onSkipped: OnSkipped): Promise<number | undefined> {
  makeFolders(dirname(path), target)
  const mode = header.mode & 0o777
  switch (header.type) {
    case 'directory':
      makeFolder(path)
      return undefined
    case 'file':
    case 'contiguous-file':
      return writeFile(content, path, mode)
    case 'symlink':
      return placeLink(header, path, target, onSkipped)
    default:
      return skip(header, `it is a ${header.type}`, onSkipped)
  }
}

function placeLink(header: Header, path: string, target: string, onSkipped: OnSkipped): undefined {
  const to = header.linkname
  const end = posix.normalize(posix.join(dirname(path), to))
  if (to === '' || to.startsWith('/') || (end !== target && !end.startsWith(`${target}/`))) return skip(header, `it is a link to ${to}, out of the target`, onSkipped)
  rmSync(path, {force: true})
  symlinkSync(to, path)
  return undefined
}

function skip({name}: Header, reason: string, onSkipped: OnSkipped): undefined {
  onSkipped(name, reason)
}

/** The folders from the target down, none of which may be a link. */
function makeFolders(folder: string, target: string): void {
  if (folder === dirname(target) || !folder.startsWith(target)) return
  makeFolders(dirname(folder), target)
  makeFolder(folder)
}

function makeFolder(folder: string): void {
  const there = lstatSync(folder, {throwIfNoEntry: false})
  if (there?.isDirectory() === true) return
  if (there !== undefined) throw Object.assign(new Error(`${folder} is no folder`), {code: 'ENOTDIR'})
  mkdirSync(folder, 0o755)
}

async function writeFile(content: AsyncIterable<Uint8Array>, path: string, mode: number): Promise<number> {
  const temporary = `${path}.rtctl-part`
  rmSync(temporary, {force: true})
  const handle = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  let size = 0
  try {
    for await (const piece of content) size += writeAll(handle, piece)
    fchmodSync(handle, mode)
    renameSync(temporary, path)
    return size
  } catch (error) {
    rmSync(temporary, {force: true})
    throw error
  } finally {
    closeSync(handle)
  }
}

function writeAll(handle: number, piece: Uint8Array): number {
  for (let done = 0; done < piece.length;) done += writeSync(handle, piece, done)
  return piece.length
}

/**
 * Packs a file or folder into an archive, links as links.
 *
 * @param path of what is packed
 * @param name that it has in the archive
 * @returns the archive, and what will have been copied when it has ended
 */
export async function packFrom(path: string, name: string, onSkipped: OnSkipped): Promise<{readonly archive: Readable; readonly copied: Promise<Copied>}> {
  const {pack} = await import('tar-stream')
  const archive = pack()
  const total = {files: 0, bytes: 0}
  const work = async () => {
    try {
      await add(archive, path, name, onSkipped, total)
      archive.finalize()
    } catch (error) {
      archive.destroy(error as Error)
    }
    return total
  }
  return {archive: Readable.from(archive as AsyncIterable<Uint8Array>, {objectMode: false}), copied: work()}
}

async function add(archive: Pack, path: string, name: string, onSkipped: OnSkipped, total: {files: number; bytes: number}): Promise<void> {
  const stats = lstatSync(path)
  const common = {name, mode: stats.mode & 0o7777, mtime: stats.mtime}
  if (stats.isDirectory()) {
    archive.entry({...common, name: `${name}/`, type: 'directory'})
    for (const child of readdirSync(path).toSorted()) await add(archive, join(path, child), `${name}/${child}`, onSkipped, total)
  } else if (stats.isFile()) await addFile(archive, path, common, stats, total)
  else if (stats.isSymbolicLink()) archive.entry({...common, type: 'symlink', linkname: readlinkSync(path)})
  else onSkipped(path, 'it is neither a file nor a folder nor a link')
}

async function addFile(archive: Pack, path: string, common: Partial<Header> & Pick<Header, 'name'>, {size}: Stats, total: {files: number; bytes: number}): Promise<void> {
  const entry = archive.entry({...common, size})
  // A file that grows meanwhile is taken as long as it was.
  if (size > 0) await pipeline(createReadStream(path, {end: size - 1}), entry as unknown as Writable)
  else entry.end(undefined)
  total.files++
  total.bytes += size
}

/**
 * Where a copy goes on this machine: into a folder that is there, under its own name, else to the path itself.
 *
 * @throws Error of the system; ENOTDIR or ENOENT where there is no folder to copy into
 */
export function localTarget(path: string, name: string): string {
  const there = lstatSync(path, {throwIfNoEntry: false})
  const isFolder = there?.isSymbolicLink() === true ? isDirectory(path) : there?.isDirectory() === true
  if (isFolder) return join(path, name)
  if (path.endsWith('/')) throw Object.assign(new Error(`there is no folder ${path}`), {code: 'ENOENT'})
  if (!isDirectory(dirname(path))) throw Object.assign(new Error(`there is no folder ${dirname(path)}`), {code: 'ENOENT'})
  return join(dirname(path), basename(path))
}

function isDirectory(path: string): boolean {
  // With a slash at its end a link is followed.
  return lstatSync(path.endsWith('/') ? path : `${path}/`, {throwIfNoEntry: false})?.isDirectory() ?? false
}
