// SPDX-License-Identifier: Apache-2.0
import {createReadStream, realpathSync, rmSync, statSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {open, rename} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {UserError} from '../model/user-error.ts'

/** A large file or stream that is read once. */
export interface ReadArchive {
  /** bytes; undefined for a stream */
  readonly size: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
  /** Ends the reading, where it is not at its end; a standard input that is waited for would keep the process. */
  readonly close: () => void
}

const CHUNK_BYTES = 1024 * 1024

/**
 * Opens a file to be read from its beginning to its end.
 *
 * @param path `-`: standard input
 * @throws UserError where it cannot be read
 */
export function readArchive(path: string): ReadArchive {
  if (path === '-') {
    if (process.stdin.isTTY) throw new UserError('Standard input is a terminal, and no archive.', 'Name a file, or give one with `< FILE`.')
    return {size: undefined, chunks: process.stdin as AsyncIterable<Uint8Array>, close: () => process.stdin.destroy()}
  }
  const stats = statOf(path)
  if (stats === undefined) throw new UserError(`There is no file ${path}.`, 'Check the path.')
  if (stats.isDirectory()) throw new UserError(`${path} is a directory.`, 'Name the archive in it.')
  const chunks = createReadStream(path, {highWaterMark: CHUNK_BYTES})
  return {size: stats.isFile() ? stats.size : undefined, chunks: readable(chunks, path), close: () => chunks.destroy()}
}

async function* readable(chunks: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    throw cannot('read', path, error)
  }
}

/**
 * Writes a file that is there as a whole or not at all: into a new file beside it, which then takes its name. A link is
 * followed, and what it points to replaced. Only its owner can read the file.
 *
 * @param fill writes it; when that fails nothing is left behind
 * @throws UserError where it cannot be written, or where the path is something else than a file
 */
export async function writeArchive(path: string, fill: (write: (chunk: Uint8Array) => Promise<void>) => Promise<void>): Promise<void> {
  const target = targetOf(path)
  const temporary = join(dirname(target), `.rtctl-${process.pid}-${Date.now()}.partial`)
  const file = await open(temporary, 'wx', 0o600).catch((error: unknown) => {
    throw cannot('write', path, error)
  })
  // Also where a second Ctrl-C ends the process in the middle.
  const remove = () => rmSync(temporary, {force: true})
  process.once('exit', remove)
  try {
    await fill(async (chunk) => {
      await file.writeFile(chunk).catch((error: unknown) => {
        throw cannot('write', path, error)
      })
    })
    await file.sync()
    await file.close()
    await rename(temporary, target)
  } catch (error) {
    await file.close().catch(() => undefined)
    remove()
    throw error
  } finally {
    process.off('exit', remove)
  }
}

/** A device or FIFO must not be replaced by a file, as `-o /dev/null` would. */
function targetOf(path: string): string {
  const stats = statOf(path)
  if (stats === undefined) return resolve(path)
  if (!stats.isFile()) {
    throw new UserError(`${path} is ${stats.isDirectory() ? 'a directory' : 'no regular file'}.`, 'Name a file, or send standard output there with `> …`.')
  }
  return realpathSync(path)
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, {throwIfNoEntry: false})
  } catch (error) {
    throw cannot('read', path, error)
  }
}

function cannot(what: 'read' | 'write', path: string, error: unknown): UserError {
  const {code} = error as NodeJS.ErrnoException
  const next = code === 'ENOSPC' ? 'Free space on that disk, or name a file on another.' : 'Check the path, and who may use it.'
  return new UserError(`${path} cannot be ${what === 'read' ? 'read' : 'written'}: ${code ?? String(error)}.`, next, 1)
}
