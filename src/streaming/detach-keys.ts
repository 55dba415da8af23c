// SPDX-License-Identifier: Apache-2.0
import {Transform} from 'node:stream'
import type {TransformCallback} from 'node:stream'
import {UserError} from '../model/user-error.ts'

/** What docker and crictl use. */
export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q'

/**
 * Keys in words, as bytes: `ctrl-p,ctrl-q` is 16, 17. Single characters stand for themselves.
 *
 * @throws UserError
 */
export function parseDetachKeys(words: string): Buffer {
  return Buffer.concat(words.split(',').map((word) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(word)?.[1]
    if (control !== undefined) return Buffer.from([control.toUpperCase().charCodeAt(0) & 0x1f])
    if ([...word].length === 1) return Buffer.from(word)
    throw new UserError(`“${word}” is no key to detach with`, 'Name keys like ctrl-p,ctrl-q: ctrl- with a letter or one of @ [ \\ ] ^ _, or single characters.')
  }))
}

/**
 * Passes the input of a terminal on until the detach keys are typed: then it calls `onDetach` and ends, without them.
 * A beginning of the keys is kept back until it is clear what it is.
 */
export class DetachKeys extends Transform {
  readonly #keys: Buffer
  readonly #onDetach: () => void
  #held: Buffer = Buffer.alloc(0)
  #detached = false

  constructor(keys: Buffer, onDetach: () => void) {
    super()
    this.#keys = keys
    this.#onDetach = onDetach
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#detached || this.#keys.length === 0) return this.#detached ? done() : done(null, chunk)
    const input = Buffer.concat([this.#held, chunk])
    const found = input.indexOf(this.#keys)
    if (found >= 0) return this.#detach(input.subarray(0, found), done)
    const kept = longestBeginning(input, this.#keys)
    this.#held = input.subarray(input.length - kept)
    if (input.length > kept) this.push(input.subarray(0, input.length - kept))
    done()
  }

  override _flush(done: TransformCallback): void {
    if (!this.#detached && this.#held.length > 0) this.push(this.#held)
    done()
  }

  #detach(before: Buffer, done: TransformCallback): void {
    this.#detached = true
    if (before.length > 0) this.push(before)
    this.push(null)
    this.#onDetach()
    done()
  }
}

/** How much of the end of the input is a beginning of the keys, in bytes. */
function longestBeginning(input: Buffer, keys: Buffer): number {
  for (let length = Math.min(keys.length - 1, input.length); length > 0; length--) {
    if (input.subarray(input.length - length).equals(keys.subarray(0, length))) return length
  }
  return 0
}
