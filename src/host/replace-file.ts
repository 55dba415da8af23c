// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {closeSync, fsyncSync, lstatSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync} from 'node:fs'
import {UserError} from '../model/user-error.ts'

/**
 * Puts a text in place of a file of the user, as a whole or not at all. A link stays one, and so does the mode of a file.
 *
 * @param mode of a new file
 * @param next what to do where it cannot be written
 * @throws UserError when it cannot be written
 */
export function replaceFile(file: string, text: string, {mode, next}: {readonly mode: number; readonly next: string}): void {
  try {
    const target = lstatSync(file, {throwIfNoEntry: false})?.isSymbolicLink() === true ? realpathSync(file) : file
    const present = statSync(target, {throwIfNoEntry: false})
    if (present !== undefined && !present.isFile()) throw new UserError(`${file} cannot be written: it is no regular file.`, next)
    writeWhole(target, text, present?.mode ?? mode)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`, next)
  }
}

/** Through a file beside it, which is gone when that fails. */
function writeWhole(target: string, text: string, mode: number): void {
  const temporary = `${target}.${randomBytes(6).toString('hex')}`
  try {
    const handle = openSync(temporary, 'wx', mode & 0o777)
    try {
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(temporary, target)
  } catch (error) {
    discard(temporary)
    throw error
  }
}

/** Removes what was being written when something failed. That failure is the one to tell, not another one here. */
export function discard(temporary: string): void {
  try {
    rmSync(temporary, {force: true})
  } catch {
    // Where not even its folder is one, nothing was written.
  }
}
