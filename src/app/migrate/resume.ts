// SPDX-License-Identifier: Apache-2.0
import {newest} from '../../migrate/begin.ts'
import {resumeMigration} from '../../migrate/resume.ts'
import type {RunOptions} from '../../migrate/run.ts'
import type {MigrationReport} from '../../model/migration/report.ts'
import {type Acting, type Choice, NO_DRAIN, onMachine, skipFor} from './machine.ts'
import {liveFilesOf} from './rollback.ts'

export interface ResumeQuestion extends Acting, Choice, Omit<RunOptions, 'skip' | 'tell'> {}

/**
 * Goes on with the migration of this machine that was interrupted.
 *
 * @throws UserError (5) where there is none
 */
export async function resume(question: ResumeQuestion): Promise<MigrationReport> {
  const journal = newest(liveFilesOf())
  // A migration that was begun without draining goes on so.
  const noDrain = question.noDrain || (journal?.entries ?? []).some((entry) => entry.kind === 'skipped' && entry.reason === NO_DRAIN)
  const skip = skipFor({...question, noDrain}, question.cluster !== undefined)
  return onMachine(journal?.plan, question, (machine) => resumeMigration(machine, {...question, tell: (event) => question.tell(event), skip}))
}
