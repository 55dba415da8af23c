// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {Writable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {StreamingError} from '../../../src/streaming/errors.ts'

/** Collects what is written. */
export class Sink extends Writable {
  readonly pieces: Buffer[] = []
  length = 0

  /** @param ready takes nothing before it resolves */
  constructor(ready: Promise<void> = Promise.resolve()) {
    super({write: (chunk: Buffer, _encoding, done) => void this.#take(chunk, ready, done)})
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces)
  }

  get text(): string {
    return this.bytes.toString()
  }

  async #take(chunk: Buffer, ready: Promise<void>, done: () => void): Promise<void> {
    await ready
    this.pieces.push(Buffer.from(chunk))
    this.length += chunk.length
    done()
  }
}

/** Takes nothing until it is released, then everything. */
export function stuckSink(): {readonly sink: Sink; readonly release: () => void} {
  const {promise, resolve} = Promise.withResolvers<void>()
  return {sink: new Sink(promise), release: resolve}
}

export function status(code: number): string {
  if (code === 0) return JSON.stringify({metadata: {}, status: 'Success'})
  const details = {causes: [{reason: 'ExitCode', message: String(code)}]}
  return JSON.stringify({metadata: {}, status: 'Failure', message: `command terminated with non-zero exit code: exit status ${code}`, reason: 'NonZeroExitCode', details})
}

/** Bytes that repeat nowhere soon. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >> 8) + (index >> 16)) & 0xff
  return bytes
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The StreamingError that something fails with. */
export async function failure(work: Promise<unknown>): Promise<StreamingError> {
  try {
    await work
  } catch (error) {
    if (error instanceof StreamingError) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** Waits until something holds, two seconds at most. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (holds()) return
    await sleep(10)
  }
  throw new Error('it does not become true')
}
