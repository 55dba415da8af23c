// SPDX-License-Identifier: Apache-2.0
import type {CommandStreams} from '../../app/cri/exec.ts'
import {StreamingError} from '../../streaming/errors.ts'
import {interruptible} from '../interrupt.ts'
import type {Wish} from './terminal.ts'
import {withStreams} from './terminal.ts'

/** What a shell says of a program that Ctrl-C has ended. */
const INTERRUPTED = 130

/**
 * Runs a remote command with the streams of this process. Detach keys and Ctrl-C end the connection without a word; after
 * Ctrl-C the exit status is 130.
 *
 * @returns what the work gave; undefined when it was left
 */
export async function attached<Result>(wish: Wish, work: (streams: CommandStreams, signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
  return interruptible((interrupt) => withStreams(wish, async (streams, detach) => {
    try {
      return await work(streams, AbortSignal.any([interrupt, detach]))
    } catch (error) {
      if (!(error instanceof StreamingError) || error.kind !== 'aborted') throw error
      if (interrupt.aborted) process.exitCode = INTERRUPTED
      return undefined
    }
  }))
}
