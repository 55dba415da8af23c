// SPDX-License-Identifier: Apache-2.0

/**
 * A failure the user can do something about: what happened and where, and what to do next.
 * Anything else that is thrown is a bug of rtctl.
 */
export class UserError extends Error {
  readonly next: string
  /** Exit status, see src/cli/exit-codes.ts; 2 (usage or input) unless told. */
  readonly exitCode: number

  constructor(message: string, next: string, exitCode = 2) {
    super(message)
    this.name = 'UserError'
    this.next = next
    this.exitCode = exitCode
  }
}
