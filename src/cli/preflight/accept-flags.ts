// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Acceptances} from '../../model/preflight.ts'
import {UserError} from '../../model/user-error.ts'
import {readBaseline} from './baseline.ts'
import {FAIL_ON, type FailOn, type PreflightConfig} from './config-file.ts'
import {nextForId} from './config-file-yaml.ts'
import {readWaivers} from './waivers.ts'

/** Fails on what breaks something. */
export const DEFAULT_FAIL_ON: FailOn = 'high'

/** Flags of what makes a run fail, and what does not. */
export const acceptFlags = {
  'fail-on': Flags.option({
    options: FAIL_ON, helpValue: 'SEVERITY',
    summary: `End with status 3 when a finding of this severity or a worse one counts: ${FAIL_ON.join(', ')}; high unless told.`,
  })(),
  baseline: Flags.string({helpValue: 'FILE', summary: 'Only findings that are not in this file count: one of --write-baseline, or a report of -o json.'}),
  'write-baseline': Flags.string({helpValue: 'FILE', summary: 'Write the findings that count into this file, for --baseline.'}),
  waivers: Flags.string({helpValue: 'FILE', summary: 'What may stay, with reason and date, besides the waivers of the configuration.'}),
  ignore: Flags.string({helpValue: 'ID', multiple: true, multipleNonGreedy: true, summary: 'Findings of this check do not count. Can be given several times.'}),
  config: Flags.string({helpValue: 'FILE', summary: 'Read settings from this file instead of .rtctl.yaml of the working directory.'}),
}

export interface AcceptFlags {
  readonly baseline?: string | undefined
  readonly waivers?: string | undefined
  readonly ignore?: readonly string[] | undefined
}

/**
 * What is accepted by flags and configuration together: a baseline of the flags replaces that of the configuration; waivers and ignored
 * checks of both hold.
 *
 * @param ids of all checks
 * @throws UserError where a file is not what it has to be, or no check has an id
 */
export async function readAcceptances(flags: AcceptFlags, config: PreflightConfig, ids: readonly string[]): Promise<Acceptances> {
  for (const id of flags.ignore ?? []) if (!ids.includes(id)) throw new UserError(`--ignore: there is no check \`${id}\`.`, nextForId(id, ids))
  const baseline = flags.baseline ?? config.baseline
  return {
    ...(baseline !== undefined && {baseline: readBaseline(baseline)}),
    waivers: [...config.waivers, ...(flags.waivers === undefined ? [] : await readWaivers(flags.waivers, ids))],
    ignore: [...new Set([...config.ignore, ...(flags.ignore ?? [])])],
  }
}
