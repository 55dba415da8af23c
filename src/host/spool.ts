// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {UserError} from '../model/user-error.ts'

/** For large files that need not be gone after a reboot (hier(7)); skopeo keeps its own there as well. */
const FOLDER = '/var/tmp'

/**
 * Keeps what is streamed in a file, which only its owner can read, while that is used; then it is gone.
 *
 * @throws UserError where there is no room for it
 */
export async function withSpooled<Result>(chunks: AsyncIterable<Uint8Array>, use: (path: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(`${process.env['TMPDIR'] || FOLDER}/rtctl-`)
  const remove = () => rmSync(folder, {recursive: true, force: true})
  // Also where a second Ctrl-C ends the process in the middle.
  process.once('exit', remove)
  try {
    const path = `${folder}/spooled`
    await fill(path, chunks)
    return await use(path)
  } finally {
    remove()
    process.off('exit', remove)
  }
}

async function fill(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk).catch((error: NodeJS.ErrnoException) => {
        throw new UserError(`${path} cannot be written: ${error.code ?? error.message}.`, 'Make room on that disk, or set TMPDIR to a folder on another.', 1)
      })
    }
  } finally {
    await file.close()
  }
}
