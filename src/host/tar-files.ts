// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {constants, createReadStream, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, closeSync, fchmodSync, writeSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {basename, dirname, join} from 'node:path'
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

export interface UnpackOptions {
  /** the archive is of a folder whose own name is not in it: its entries go into the target as they are */
  readonly bare: boolean
  readonly onSkipped: OnSkipped
}

/**
 * Unpacks an archive of one file or folder to a place, whoever made the archive: nothing is written outside of that place.
 * Links that could lead out of it and devices are left out, bits that give rights to others (setuid, setgid) are taken off. A
 * file is there as a whole or not at all.
 *
 * @param archive an uncompressed tar
 * @param target path of the file or folder to make; its folder must exist
 * @throws Error of the system, or for an archive that is none or ends early
 */
export async function unpackTo(archive: Readable, target: string, options: UnpackOptions): Promise<Copied> {
  const {extract} = await import('tar-stream')
  const reader = extract()
  const feeding = pipeline(archive, reader as unknown as Writable)
  // Told below, when the loop has ended for it.
  feeding.catch(() => undefined)
  let [files, bytes] = [0, 0]
  for await (const entry of reader) {
    const written = await place(entry.header, entry as AsyncIterable<Uint8Array>, target, options)
    if (written !== undefined) [files, bytes] = [files + 1, bytes + written]
    entry.resume()
  }
  await feeding
  return {files, bytes}
}

/** Where an entry goes: the first part of its name becomes the target. undefined: nowhere */
function placeOf(name: string, target: string, bare: boolean): string | undefined {
  // What is no UTF-8 has become another name, which several may have.
  if (name.startsWith('/') || /[\0\ufffd]/.test(name)) return undefined
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || (parts.length === 0 && !bare)) return undefined
  return join(target, ...parts.slice(bare ? 0 : 1))
}

/** @returns bytes of a file; undefined for what is none */
async function place(header: Header, content: AsyncIterable<Uint8Array>, target: string, {bare, onSkipped}: UnpackOptions): Promise<number | undefined> {
  const path = placeOf(header.name, target, bare)
  if (path === undefined) return skip(header, 'its name leads out of the target, or is no UTF-8', onSkipped)
  makeFolders(dirname(path), target)
  switch (header.type) {
    case 'directory':
      makeFolder(path, header.mode)
      return undefined
    case 'file':
    case 'contiguous-file':
      return writeFile(content, path, header.mode)
    case 'symlink':
      return placeLink(header, path, onSkipped)
    case 'link':
      return copyLinked(header, path, target, {bare, onSkipped})
    default:
      return skip(header, `it is a ${header.type}`, onSkipped)
  }
}

/** Only down: a link with `..` in it may lead anywhere, by way of other links. */
function placeLink(header: Header, path: string, onSkipped: OnSkipped): undefined {
  const {linkname} = header
  if (linkname === '' || linkname.startsWith('/') || linkname.split('/').includes('..')) {
    return skip(header, `it is a link to ${linkname}, which could lead out of the target`, onSkipped)
  }
  refuseOthers(path)
  rmSync(path, {force: true})
  symlinkSync(linkname, path)
  return undefined
}

/** A hard link becomes a copy of what it is to, which came before it. */
async function copyLinked(header: Header, path: string, target: string, {bare, onSkipped}: UnpackOptions): Promise<number | undefined> {
  const from = placeOf(header.linkname, target, bare)
  if (from === undefined) return skip(header, 'it is a link out of the target', onSkipped)
  makeFolders(dirname(from), target)
  const stats = lstatSync(from, {throwIfNoEntry: false})
  if (stats?.isFile() !== true) return skip(header, `it is a link to ${header.linkname}, which is no file of the archive`, onSkipped)
  return writeFile(createReadStream(from), path, stats.mode)
}

function skip({name}: Header, reason: string, onSkipped: OnSkipped): undefined {
  onSkipped(name, reason)
}

/** The folders from the target down, none of which may be a link. */
function makeFolders(folder: string, target: string): void {
  if (folder === dirname(target) || !folder.startsWith(target)) return
  makeFolders(dirname(folder), target)
  makeFolder(folder, 0o755)
}

function makeFolder(folder: string, mode: number): void {
  const there = lstatSync(folder, {throwIfNoEntry: false})
  if (there?.isDirectory() === true) return
  if (there !== undefined) throw Object.assign(new Error(`${folder} is no folder`), {code: 'ENOTDIR'})
  // Its owner must be able to fill it.
  mkdirSync(folder, (mode & 0o777) | 0o700)
}

/** Devices, pipes and sockets are not replaced: a copy to /dev/null must not make a file of it. */
function refuseOthers(path: string): void {
  const there = lstatSync(path, {throwIfNoEntry: false})
  if (there === undefined || there.isFile() || there.isSymbolicLink()) return
  throw Object.assign(new Error(`${path} is there, and is no file`), {code: there.isDirectory() ? 'EISDIR' : 'EINVAL'})
}

async function writeFile(content: AsyncIterable<Uint8Array>, path: string, mode: number): Promise<number> {
  refuseOthers(path)
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`
  const handle = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  let size = 0
  try {
    for await (const piece of content) size += writeAll(handle, piece)
    fchmodSync(handle, mode & 0o777)
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
 * @throws Error of the system when there is nothing at the path
 */
export async function packFrom(path: string, name: string, onSkipped: OnSkipped): Promise<{readonly archive: Readable; readonly copied: Promise<Copied>}> {
  lstatSync(path)
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
