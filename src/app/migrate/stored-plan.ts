// SPDX-License-Identifier: Apache-2.0
import {redactJson} from '../../host/redact.ts'
import type {Plan} from '../../model/migration/plan.ts'
import * as verify from '../../plan/verify-plan.ts'
import type {MigrationQuestion} from './plan-migration.ts'

/**
 * A plan that `-o json` wrote.
 *
 * @param name of the file, for messages
 * @throws UserError where it is cut off, of another format, or edited
 */
export function readPlan(text: string, name: string): Plan {
  return verify.verifyPlan(text, name, (value) => redactJson(value).value)
}

/** What to ask for to get the same plan of the same node. */
export function questionOf({target, asked = {}}: Plan): Omit<MigrationQuestion, 'rtctl' | 'now'> {
  const {version, kubernetes, keepDocker} = asked
  return {
    to: target.name, ...(version !== undefined && {version}), ...(kubernetes !== undefined && {kubernetes}), ...(keepDocker !== undefined && {keepDocker}),
  }
}

/**
 * Refuses a stored plan that does not hold for a node any more.
 *
 * @param now the plan of the node as it is, from {@link questionOf}
 * @throws UserError
 */
export function checkStillHolds(stored: Plan, now: Plan): void {
  verify.checkStillHolds(stored, now)
}
