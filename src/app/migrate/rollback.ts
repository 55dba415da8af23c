// SPDX-License-Identifier: Apache-2.0
import {newest} from '../../migrate/begin.ts'
import {readJournal} from '../../migrate/journal.ts'
import {liveFiles} from '../../migrate/live/files.ts'
import type {Files} from '../../migrate/machine.ts'
import {refused} from '../../migrate/refused.ts'
import {rollbackMigration} from '../../migrate/rollback.ts'
import type {MigrationReport} from '../../model/migration/report.ts'
import {type Acting, onMachine} from './machine.ts'

export interface RollbackQuestion extends Acting {
  /** the newest where it is undefined */
  readonly id?: string | undefined
}

/**
 * Takes a migration of this machine back.
 *
 * @throws UserError (5) where that cannot be
 */
export async function rollback(question: RollbackQuestion): Promise<MigrationReport> {
  const files = liveFilesOf()
  const plan = (question.id === undefined ? newest(files) : readJournal(files, question.id))?.plan
  return onMachine(plan, question, (machine) => rollbackMigration(machine, {id: question.id, reason: 'rtctl migrate rollback', tell: (event) => question.tell(event)}))
}

/** @throws UserError who is not root cannot read the journals */
export function liveFilesOf(): Files {
  if (process.getuid?.() !== 0) throw refused('Only root can change a migration.', 'Run it with sudo.')
  return liveFiles()
}
