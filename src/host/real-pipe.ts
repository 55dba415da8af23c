// SPDX-License-Identifier: Apache-2.0
import {constants, mkdtempSync, openSync, rmSync} from 'node:fs'
import type {Readable} from 'node:stream'
import {runCommand} from './command.ts'

export interface RealPipe {
  readonly output: Readable
  /** for the standard output of a program; to be closed here when the program has it */
  readonly writeEnd: number
}

const LIMIT_MS = 10_000

/**
 * A pipe for a program that opens its own `/dev/stdout`: what Node.js gives to programs are sockets, which cannot be opened
 * (ENXIO, open(2)).
 */
export async function openRealPipe(): Promise<RealPipe> {
  const {tmpdir} = await import('node:os')
  const {Socket} = await import('node:net')
  const folder = mkdtempSync(`${tmpdir()}/rtctl-`)
  try {
    const path = `${folder}/pipe`
    await runCommand('mkfifo', ['-m', '600', path], LIMIT_MS)
    // In this order, for neither to wait for the other (fifo(7)).
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writeEnd = openSync(path, constants.O_WRONLY)
    return {output: new Socket({fd: readEnd, readable: true, writable: false}), writeEnd}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}
