// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Plan} from '../../model/migration/plan.ts'
import type {MigrationReport} from '../../model/migration/report.ts'
import {UserError} from '../../model/user-error.ts'
import {wayOf} from '../../render/migrate/words.ts'
import {visible} from '../../render/visible.ts'
import {EXIT} from '../exit-codes.ts'
import {carriedOut, confirm} from './carry-out.ts'
import {nodeCluster, runChoice, type RunFlags, runFlags} from './run-flags.ts'

const dependsOn = ['apply']

/** Flags of `rtctl migrate` that carry the plan out. */
export const applyFlags = {
  apply: Flags.boolean({summary: 'Carry the plan out, as root, after a confirmation; where a step fails everything is rolled back.'}),
  yes: Flags.boolean({char: 'y', dependsOn, summary: 'Do not ask for the confirmation.'}),
  ...runFlags,
}

export interface ApplyFlags extends RunFlags {
  readonly yes?: boolean | undefined
  /** ids of checks whose blockers may stand */
  readonly accept?: readonly string[] | undefined
  readonly 'no-color'?: boolean | undefined
}

export interface ApplyRequest {
  /** of this machine as it is now, with nothing taken out of it */
  readonly plan: Plan
  readonly flags: ApplyFlags
  /** version of rtctl */
  readonly rtctl: string
  /** prints nothing but what it returns */
  readonly json: boolean
}

/**
 * Carries a plan out on this machine and sets the exit status.
 *
 * @returns undefined where the plan has nothing to do
 * @throws UserError (5, 8) where it cannot be begun, or the answer is no: then nothing was changed
 */
export async function runApply({plan, flags, rtctl, json}: ApplyRequest): Promise<MigrationReport | undefined> {
  const accepted = flags.accept ?? []
  const accepts = ({id}: {readonly id?: string}) => id !== undefined && accepted.includes(id)
  refuseGaps(plan, accepted)
  const blocked = plan.remarks.some((remark) => remark.level === 'blocker' && !accepts(remark))
  if (plan.steps.length === 0 && !blocked) {
    if (!json) process.stdout.write(`${visible(plan.node)}: ${visible(wayOf(plan))}: nothing is left to do.\n`)
    return undefined
  }
  const {applyMigration} = await import('../../app/migrate/apply.ts')
  const cluster = nodeCluster(flags)
  return carriedOut({json, 'no-color': flags['no-color']}, 'apply', (signal, tell) => applyMigration(plan, {
    ...runChoice(flags), cluster, signal, tell, rtctl, accepts,
    confirm: async () => {
      if (flags.yes !== true) await confirm(questionOf(plan), 'yes')
    },
  }))
}

/**
 * @param accepted ids of checks that need not know
 * @throws UserError where the plan was made without something that it depends on
 */
function refuseGaps({gaps = []}: Plan, accepted: readonly string[]): void {
  const first = gaps.find(({what}) => !accepted.some((id) => what === `check ${id}`))
  if (first === undefined) return
  throw new UserError(`The plan does not know all that it depends on: ${first.what}: ${first.reason}`, first.next, EXIT.refused)
}

function questionOf(plan: Plan): string {
  const {interruptions, irreversible} = plan
  return [
    `${plan.node}: ${wayOf(plan)}, ${plan.steps.length} steps, ${plan.files.length} files.`,
    ...interruptions.map(({what, seconds}) => `For about ${seconds} s: ${what}.`),
    ...irreversible.map((text) => `A rollback does not bring back: ${text}`),
  ].map(visible).join('\n')
}
