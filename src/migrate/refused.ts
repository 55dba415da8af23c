// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'

/** Exit statuses of migrations, see src/cli/exit-codes.ts. */
export const REFUSED = 5
export const ROLLED_BACK = 6
export const ROLLBACK_INCOMPLETE = 7

/** A precondition does not hold, and nothing was changed. */
export function refused(message: string, next: string): UserError {
  return new UserError(message, next, REFUSED)
}
