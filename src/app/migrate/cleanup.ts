// SPDX-License-Identifier: Apache-2.0
import {type Cleanup, type CleanupOptions, cleanUp} from '../../migrate/cleanup.ts'
import {onMachine} from './machine.ts'

export type {Cleanup} from '../../migrate/cleanup.ts'

/**
 * Removes what Docker left on this machine, and with it the way back.
 *
 * @throws UserError (5) where something still uses it, or more would go than Docker
 */
export async function cleanup(options: CleanupOptions): Promise<Cleanup> {
  return onMachine(undefined, {}, (machine) => cleanUp(machine, options))
}
