// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {UserError} from '../../model/user-error.ts'
import {labelFlag} from './list-flags.ts'

/** Flags that `stats`, `statsp` and `metricsp` share with crictl. */
export const watchFlag = Flags.boolean({char: 'w', summary: 'Look again and again until Ctrl-C.', exclusive: ['json']})

export const sampleFlags = {
  id: Flags.string({helpValue: 'ID', summary: 'Only the one with this id, or whose id begins like this.'}),
  label: labelFlag,
  seconds: Flags.integer({char: 's', helpValue: 'N', summary: 'Measure the CPU over so many seconds.', default: 1, min: 0, max: 3600}),
  watch: watchFlag,
}

/**
 * Labels as a filter of the runtime takes them.
 *
 * @throws UserError for one that is no `key=value`
 */
export function labelSelector(labels: readonly string[] | undefined): Map<string, string> {
  const pairs = (labels ?? []).map((label) => {
    const [key = '', value, ...rest] = label.split('=')
    if (value === undefined || rest.length > 0) throw new UserError(`--label: "${label}" is no label.`, 'Give it as key=value.')
    return [key, value] as const
  })
  return new Map(pairs)
}
