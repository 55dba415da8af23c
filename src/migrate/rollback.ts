// SPDX-License-Identifier: Apache-2.0
import type {MigrationEvent, MigrationReport} from '../model/migration/report.ts'
import {checkMachine, isEmpty, locked, newest} from './begin.ts'
import {migrationIds, openJournal, readJournal} from './journal.ts'
import type {Machine} from './machine.ts'
import {refused} from './refused.ts'
import {stateOf} from './state.ts'
import {undoSteps} from './undo.ts'

export interface RollbackOptions {
  /** the newest where it is undefined */
  readonly id?: string | undefined
  readonly reason: string
  tell(event: MigrationEvent): void
}

/**
 * Takes a migration back, from wherever it is: interrupted, failed, complete, or half taken back.
 *
 * @throws UserError (5) where that cannot be: then nothing was changed
 */
export async function rollbackMigration(machine: Machine, {id, reason, tell}: RollbackOptions): Promise<MigrationReport> {
  checkMachine(machine)
  return locked(machine, async () => {
    const found = id === undefined ? newest(machine.files) : readJournal(machine.files, id)
    if (found === undefined) throw refused('No migration was begun on this machine: there is nothing to take back.', 'See `rtctl migrate list`.')
    checkMayGoBack(machine, found.id, stateOf(found.entries, false))
    const journal = openJournal(machine, found.id)
    const begun = machine.clock.now()
    try {
      const steps: MigrationReport['steps'][number][] = []
      const options = {
        skip: () => undefined, rollback: true, signal: new AbortController().signal,
        tell: (event: MigrationEvent) => {
          if (event.kind === 'step-end') steps.push(event.report)
          tell(event)
        },
      }
      const undone = await undoSteps({journal, machine, options}, reason)
      return {id: journal.id, folder: journal.folder, steps, seconds: (machine.clock.now() - begun) / 1000, ...undone}
    } finally {
      journal.close()
    }
  })
}

function checkMayGoBack(machine: Machine, id: string, state: string): void {
  if (state === 'rolled-back') throw refused(`Migration ${id} is rolled back already.`, 'There is nothing to do.')
  if (state === 'cleaned') throw refused(`Migration ${id} cannot be taken back: Docker's data was removed by \`rtctl migrate cleanup\`.`, 'Set the node up anew where it has to run Docker again.')
  // An older one changed what the newer ones were made on.
  const stands = (each: string) => stateOf(readJournal(machine.files, each).entries, false) !== 'rolled-back'
  const later = migrationIds(machine.files).findLast((each) => each > id && !isEmpty(machine.files, each) && stands(each))
  if (later !== undefined) throw refused(`Migration ${id} is not the newest: ${later} was made after it.`, `Take that one back first: \`rtctl migrate rollback ${later}\`.`)
}
