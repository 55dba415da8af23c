// SPDX-License-Identifier: Apache-2.0
import {applyPlan, type ApplyOptions} from '../../migrate/apply.ts'
import {checkMayBegin} from '../../migrate/begin.ts'
import type {Plan} from '../../model/migration/plan.ts'
import type {MigrationReport} from '../../model/migration/report.ts'
import {type Acting, type Choice, onMachine, skipFor} from './machine.ts'

export interface ApplyQuestion extends Acting, Choice, Omit<ApplyOptions, 'skip' | 'tell'> {}

/**
 * Whether a migration of this machine may be begun now: to be asked before its plan is made.
 *
 * @throws UserError (5)
 */
export async function mayApply(): Promise<void> {
  await onMachine(undefined, {}, checkMayBegin)
}

/**
 * Carries a plan out on this machine.
 *
 * @param plan as it is now, with nothing taken out of it
 * @throws UserError (5, 8) where it cannot be begun: then nothing was changed
 */
export async function applyMigration(plan: Plan, question: ApplyQuestion): Promise<MigrationReport> {
  const skip = skipFor(question, question.cluster !== undefined)
  return onMachine(plan, question, (machine) => applyPlan(plan, machine, {...question, tell: (event) => question.tell(event), accepts: (blocker) => question.accepts(blocker), skip}))
}
