// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {
  chmodSync, closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, ftruncateSync, futimesSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync,
  readlinkSync, realpathSync, renameSync, rmdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeSync, type Stats,
} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {Appender, Attributes, Files, Found} from '../machine.ts'

const {O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY} = constants
/** No configuration comes near; the backup of a file of the plan is read as a whole. */
const MAX_BYTES = 64 * 2 ** 20

/**
 * The files of this machine.
 *
 * @param root folder that stands for `/`, on a machine made for a test; links in it are those of the test
 */
export function liveFiles(root = ''): Files {
  return new LiveFiles(root)
}

class LiveFiles implements Files {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  look(path: string): Found {
    return this.#about(path, 'read', (local) => {
      const stats = lstatSync(local, {throwIfNoEntry: false})
      if (stats === undefined) return {type: 'absent'}
      if (stats.isSymbolicLink()) return {type: 'link', target: readlinkSync(local)}
      if (stats.isDirectory()) return {type: 'directory'}
      if (stats.isSocket()) return {type: 'socket'}
      return stats.isFile() ? readWhole(local) : {type: 'other'}
    })
  }

  list(path: string): readonly string[] | undefined {
    return this.#about(path, 'read', (local) => {
      try {
        return readdirSync(local).sort()
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined
        throw error
      }
    })
  }

  resolve(path: string): string {
    return this.#about(path, 'changed', (local) => {
      const real = this.#realPath(local)
      const stats = lstatSync(real, {throwIfNoEntry: false})
      if (real !== local && stats !== undefined) mayFollow(local, real, stats)
      for (let folder = dirname(real); ; folder = dirname(folder)) {
        const found = statSync(folder, {throwIfNoEntry: false})
        if (found !== undefined) mustBeOwn(folder, found)
        if (folder === this.#root || folder === '/') break
      }
      return real.slice(this.#root.length)
    })
  }

  replace(path: string, bytes: Buffer, attributes: Partial<Attributes> & {readonly mode: number}): void {
    this.#about(path, 'written', (local) => throughTemporary(local, (temporary) => {
      const handle = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      try {
        writeAll(handle, bytes)
        if (attributes.uid !== undefined && attributes.gid !== undefined) fchownSync(handle, attributes.uid, attributes.gid)
        fchmodSync(handle, attributes.mode)
        if (attributes.mtimeMs !== undefined) futimesSync(handle, attributes.mtimeMs / 1000, attributes.mtimeMs / 1000)
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
    }))
  }

  replaceLink(path: string, target: string): void {
    this.#about(path, 'written', (local) => throughTemporary(local, (temporary) => symlinkSync(target, temporary)))
  }

  makeFolder(path: string): readonly string[] {
    const missing: string[] = []
    for (let folder = path; !this.#isFolder(folder); folder = dirname(folder)) missing.unshift(folder)
    for (const folder of missing) {
      this.#about(folder, 'made', (local) => {
        mkdirSync(local, 0o755)
        // The mode of mkdir is cut by the umask, and root's may be 077.
        chmodSync(local, 0o755)
        syncFolder(dirname(local))
      })
    }
    return missing
  }

  remove(path: string): void {
    this.#about(path, 'removed', (local) => {
      try {
        unlinkSync(local)
      } catch (error) {
        if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
        return
      }
      syncFolder(dirname(local))
    })
  }

  removeFolder(path: string): boolean {
    return this.#about(path, 'removed', (local) => {
      try {
        rmdirSync(local)
        syncFolder(dirname(local))
        return true
      } catch (error) {
        if (isCode(error, 'ENOENT')) return true
        if (isCode(error, 'ENOTEMPTY', 'EEXIST')) return false
        throw error
      }
    })
  }

  removeTree(path: string): void {
    this.#about(path, 'removed', (local) => {
      for (const name of readdirSync(local)) rmSync(join(local, name), {recursive: true, force: true})
      try {
        rmdirSync(local)
      } catch (error) {
        // A disk of its own is left mounted, and empty.
        if (!isCode(error, 'EBUSY')) throw error
      }
    })
  }

  dangles(path: string): boolean {
    return this.#about(path, 'read', (local) => lstatSync(local, {throwIfNoEntry: false})?.isSymbolicLink() === true && statSync(local, {throwIfNoEntry: false}) === undefined)
  }

  makePrivateFolder(path: string): void {
    this.makeFolder(dirname(path))
    this.#about(path, 'made', (local) => {
      mkdirSync(local, 0o700)
      syncFolder(dirname(local))
    })
  }

  appendTo(path: string): Appender {
    return this.#about(path, 'opened', (local) => {
      const handle = openSync(local, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
      syncFolder(dirname(local))
      return {append: (text) => this.#about(path, 'written', () => appendWhole(handle, text)), close: () => closeSync(handle)}
    })
  }

  #isFolder(path: string): boolean {
    return this.#about(path, 'read', (local) => {
      const stats = statSync(local, {throwIfNoEntry: false})
      if (stats !== undefined && !stats.isDirectory()) throw new Error('it is no folder')
      return stats !== undefined
    })
  }

  /** Where the path leads, whose last part need not be there. */
  #realPath(local: string): string {
    try {
      return realpathSync(local)
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
      if (lstatSync(local, {throwIfNoEntry: false})?.isSymbolicLink() === true) throw new Error('it is a link that leads nowhere', {cause: error})
      return local === dirname(local) ? local : join(this.#realPath(dirname(local)), basename(local))
    }
  }

  #about<T>(path: string, done: string, work: (local: string) => T): T {
    if (!path.startsWith('/') || path.includes('\0') || path.split('/').includes('..')) throw new Error(`${path} is no absolute path.`)
    try {
      return work(this.#root + path)
    } catch (error) {
      throw new Error(`${path} cannot be ${done}: ${reasonOf(error)}.`, {cause: error})
    }
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (ENOSPC)',
  EDQUOT: 'the quota of the disk is used up (EDQUOT)',
  EROFS: 'the file system is read-only (EROFS)',
  EPERM: 'it may not be changed, `lsattr` shows whether it is immutable (EPERM)',
  EACCES: 'not allowed (EACCES)',
  EEXIST: 'it is there already (EEXIST)',
}

function reasonOf(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return code === undefined ? message : (REASONS[code] ?? code)
}

/** @throws where it changes while it is read, or is too large */
function readWhole(local: string): Found {
  const handle = openSync(local, O_RDONLY | O_NOFOLLOW)
  try {
    const stats = fstatSync(handle)
    if (stats.size > MAX_BYTES) throw new Error(`it has ${stats.size} bytes, more than a file of configuration can have`)
    return {type: 'file', bytes: readFileSync(handle), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, mtimeMs: stats.mtimeMs}
  } finally {
    closeSync(handle)
  }
}

function mayFollow(local: string, real: string, stats: Stats): void {
  if (!stats.isFile()) throw new Error(`it leads to ${real}, which is no regular file`)
  if (!isOwn(stats)) throw new Error(`it leads to ${real}, which others than root own`)
  if (stats.dev !== lstatSync(local).dev) throw new Error(`it leads to ${real} on another file system`)
}

function isOwn({uid}: Stats): boolean {
  return uid === 0 || uid === process.getuid?.()
}

/** Whoever may write a folder may put another file, or a link to one, in the place of each that is in it. */
function mustBeOwn(folder: string, stats: Stats): void {
  const sticky = (stats.mode & 0o1000) !== 0
  if (!isOwn(stats) || ((stats.mode & 0o022) !== 0 && !sticky)) throw new Error(`others than root may change the folder ${folder}`)
}

/** Makes something beside the path, then puts it there; it is gone when that fails. */
function throughTemporary(local: string, make: (temporary: string) => void): void {
  const temporary = join(dirname(local), `.${basename(local).slice(0, 200)}.rtctl-${randomBytes(6).toString('hex')}`)
  try {
    make(temporary)
    renameSync(temporary, local)
  } catch (error) {
    discard(temporary)
    throw error
  }
  syncFolder(dirname(local))
}

/** What went wrong before is what there is to tell. */
function discard(temporary: string): void {
  try {
    unlinkSync(temporary)
  } catch {
    // It was not made.
  }
}

function writeAll(handle: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done)
}

/** What a full disk took of a line is taken back: the next one would be put behind half of it. */
function appendWhole(handle: number, text: string): void {
  const {size} = fstatSync(handle)
  try {
    writeAll(handle, Buffer.from(text))
    fsyncSync(handle)
  } catch (error) {
    try {
      ftruncateSync(handle, size)
    } catch {
      // A torn last line is told from a whole one by who reads it.
    }
    throw error
  }
}

function syncFolder(local: string): void {
  const handle = openSync(local, O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
