// SPDX-License-Identifier: Apache-2.0
import {lstatSync, unlinkSync} from 'node:fs'
import {dirname} from 'node:path'
import {UserError} from '../model/user-error.ts'
import {filesOfLog} from './rotations.ts'

/**
 * Removes the log of a container that is no more, with what was rotated of it. A link in its place is removed, never what it
 * leads to; nothing is removed from a folder that is a link itself, for that may be any folder.
 *
 * @param path as the runtime told it; empty: there is no log
 * @param onProblem told what is left, and why
 */
export function removeLogs(path: string, onProblem: (text: string) => void): void {
  if (path === '') return
  try {
    if (lstatSync(dirname(path), {throwIfNoEntry: false})?.isSymbolicLink()) return onProblem(`the log ${path} is left: its folder is a link`)
    for (const file of filesOfLog(path)) removeFile(file, onProblem)
  } catch (error) {
    onProblem(`the log ${path} is left: ${error instanceof UserError ? error.message : (error as NodeJS.ErrnoException).code}`)
  }
}

function removeFile(file: string, onProblem: (text: string) => void): void {
  try {
    unlinkSync(file)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    // One that is gone already is none to speak of.
    if (code !== 'ENOENT') onProblem(`the log ${file} is left: ${code}`)
  }
}
