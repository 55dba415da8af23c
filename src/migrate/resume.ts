// SPDX-License-Identifier: Apache-2.0
import type {MigrationReport} from '../model/migration/report.ts'
import {checkMachine, locked, newest} from './begin.ts'
import {openJournal} from './journal.ts'
import type {Machine} from './machine.ts'
import {refused} from './refused.ts'
import {carryOut, type RunOptions} from './run.ts'
import {stateOf} from './state.ts'

/**
 * Goes on with the migration that was interrupted, paused, or failed and stayed so.
 *
 * @throws UserError (5) where there is none: then nothing was changed
 */
export async function resumeMigration(machine: Machine, options: RunOptions): Promise<MigrationReport> {
  checkMachine(machine)
  return locked(machine, async () => {
    const found = newest(machine.files)
    if (found === undefined) throw refused('No migration was begun on this machine.', 'Begin one: `rtctl migrate --to containerd` shows what it would do.')
    const state = stateOf(found.entries, false)
    if (state !== 'interrupted' && state !== 'paused' && state !== 'failed') throw cannotResume(found.id, state)
    const journal = openJournal(machine, found.id)
    try {
      journal.append({kind: 'resume', bootId: machine.about().bootId})
      options.tell({kind: 'begin', id: journal.id, folder: journal.folder, steps: journal.plan.steps.length})
      return await carryOut({journal, machine, options})
    } finally {
      journal.close()
    }
  })
}

function cannotResume(id: string, state: string): Error {
  const next = state === 'rolling-back' || state === 'rollback-incomplete' ? `Take it back to the end: \`rtctl migrate rollback ${id}\`.`
    : 'Begin anew with `rtctl migrate --to …`, where something is left to do.'
  return refused(`Migration ${id} cannot go on: it is ${state}.`, next)
}
