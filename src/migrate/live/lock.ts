// SPDX-License-Identifier: Apache-2.0
import {closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs'
import {type Lock, ProgramFailed} from '../machine.ts'
import {runProgram} from './programs.ts'

const {O_CREAT, O_NOFOLLOW, O_RDWR} = constants

/**
 * Locks a file with flock(2), which the kernel takes back when this process ends, by kill -9 as well. Node.js has no such call: the
 * program flock(1) makes it on a descriptor that it inherits, and the lock belongs to what both have open, not to the program.
 *
 * Waits a second: `rtctl migrate status` takes it for a moment to see whether it is free.
 *
 * @returns the pid that the file names, where another process has the lock; 0 where it names none
 * @throws NoProgram; ProgramFailed; Error where the file cannot be opened
 */
export async function lockFile(path: string): Promise<Lock | number> {
  const handle = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    await runProgram('flock', ['--exclusive', '--timeout', '1', '3'], {}, handle)
  } catch (error) {
    const held = error instanceof ProgramFailed && error.status === 1
    const pid = held ? Number(/^\d+/.exec(readFileSync(path, 'utf8'))?.[0] ?? 0) : 0
    closeSync(handle)
    if (held) return pid
    throw error
  }
  ftruncateSync(handle)
  writeSync(handle, `${process.pid}\n`, 0)
  return {release: () => closeSync(handle)}
}
