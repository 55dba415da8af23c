// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'

/** Flags that the verbs which list pods, containers or images share with crictl. */
export const listOutputFlag = Flags.option({
  char: 'o', options: ['json', 'yaml', 'table'] as const, default: 'table', helpValue: 'FORMAT', summary: 'How to print it: json, yaml, table.',
})()
export const verboseFlag = Flags.boolean({char: 'v', summary: 'All that is known of each, below one another.'})
export const noTruncFlag = Flags.boolean({summary: 'Ids as a whole.'})
export const nameFlag = Flags.string({helpValue: 'REGEXP', summary: 'Only those whose name matches.'})
export const namespaceFlag = Flags.string({helpValue: 'REGEXP', summary: 'Only those whose Kubernetes namespace matches.'})

/** Commas between several, as crictl takes them. Only the next word belongs to it: ids may follow. */
export const labelFlag = Flags.string({
  helpValue: 'KEY=VALUE', summary: 'Only those with this label; may be given several times.', multiple: true, multipleNonGreedy: true, delimiter: ',',
})

export const filterFlag = Flags.string({
  char: 'f', helpValue: 'FILTER', multiple: true, multipleNonGreedy: true, delimiter: ',',
  summary: 'Only those that pass; may be given several times.',
  description:
    'dangling=true: without a name; dangling=false: with one; reference=REGEXP: whose repository matches; ' +
    'since=IMAGE: in the list before this one, before=IMAGE: behind it. IMAGE is name:tag, the beginning of an id, or name@digest.',
})

/** Which of them by age. */
export const newestFlags = {
  latest: Flags.boolean({char: 'l', summary: 'Only the newest, in whatever state.'}),
  last: Flags.integer({char: 'n', helpValue: 'N', summary: 'Only the N newest, in whatever state; 0: all.'}),
}

/** Flags of `inspect`, `inspectp` and `inspecti`. */
export const quietInspectFlag = Flags.boolean({char: 'q', summary: 'Only the status, not what the runtime adds to it.'})
