// SPDX-License-Identifier: Apache-2.0
import {listMigrations, type UnreadableMigration} from '../../migrate/status.ts'
import type {MigrationStatus} from '../../model/migration/report.ts'
import {onMachine} from './machine.ts'

/**
 * All migrations of this machine, the newest first.
 *
 * @throws UserError for who is not root
 */
export async function list(): Promise<readonly (MigrationStatus | UnreadableMigration)[]> {
  return onMachine(undefined, {}, (machine) => listMigrations(machine))
}
