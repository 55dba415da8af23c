// SPDX-License-Identifier: Apache-2.0
import {setImmediate} from 'node:timers/promises'

/**
 * Lets what daemons have answered meanwhile come in. Files are read synchronously, which holds up everything else: without
 * this a long list of them would let time limits pass although the answers are there.
 */
export async function letAnswersIn(): Promise<void> {
  await setImmediate()
}
