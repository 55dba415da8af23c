// SPDX-License-Identifier: Apache-2.0
import {setImmediate} from 'node:timers/promises'

/** How long files are read without a look at anything else, in nanoseconds. */
const SLICE_NS = 2_000_000n

/**
 * Lets what daemons have answered meanwhile come in, every few milliseconds. Files are read synchronously, which holds up
 * everything else: without this a long list of them would let time limits pass although the answers are there.
 *
 * @returns to be awaited after each file or two
 */
export function takingTurns(): () => Promise<void> {
  // Not `performance`, which Node.js would load for it: that takes longer than most slices.
  let begin = process.hrtime.bigint()
  return async () => {
    if (process.hrtime.bigint() - begin < SLICE_NS) return
    await setImmediate()
    begin = process.hrtime.bigint()
  }
}
