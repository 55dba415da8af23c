// SPDX-License-Identifier: Apache-2.0
import {setImmediate} from 'node:timers/promises'

/** How long files are read without a look at anything else. */
const SLICE_MS = 2

/**
 * Lets what daemons have answered meanwhile come in, every few milliseconds. Files are read synchronously, which holds up
 * everything else: without this a long list of them would let time limits pass although the answers are there.
 *
 * @returns to be awaited after each file or two
 */
export function takingTurns(): () => Promise<void> {
  let begin = performance.now()
  return async () => {
    if (performance.now() - begin < SLICE_MS) return
    await setImmediate()
    begin = performance.now()
  }
}
