// SPDX-License-Identifier: Apache-2.0
import {migrationStatus} from '../../migrate/status.ts'
import type {MigrationStatus} from '../../model/migration/report.ts'
import {onMachine} from './machine.ts'

/**
 * How far a migration of this machine is.
 *
 * @param id the newest where it is undefined
 * @throws UserError where there is none, or its journal cannot be trusted
 */
export async function status(id: string | undefined): Promise<MigrationStatus> {
  return onMachine(undefined, {}, (machine) => migrationStatus(machine, id))
}
