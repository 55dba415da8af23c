// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {UserError} from '../../model/user-error.ts'

/** `--watch 10m`, in milliseconds. What reads durations is loaded when there is one. */
export const watchFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  summary: 'First watch for so long who connects to the runtimes: 10m catches clients that come and go. Ctrl-C ends it early.',
  async parse(text) {
    const {parseDuration} = await import('../cri/duration.ts')
    const ms = parseDuration(text)
    if (ms === undefined || ms <= 0) throw new UserError(`--watch: "${text}" is no duration.`, 'Give one such as 30s, 10m or 1h.')
    return ms
  },
})
