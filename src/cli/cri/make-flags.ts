// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {durationFlag} from './duration.ts'

/** Flags of the commands that make a pod or a container. */
export const runtimeFlag = Flags.string({char: 'r', default: '', helpValue: 'HANDLER', summary: 'Runtime handler to use, as a RuntimeClass names it.'})
export const cancelTimeoutFlag = durationFlag({char: 'T', summary: 'How long the runtime may take to make it; 4m by default.'})

/** What Ctrl-C does to them. */
export const UNDONE = 'a pod or container that is being made is waited for, and removed again'
