// SPDX-License-Identifier: Apache-2.0
import {Errors} from '@oclif/core'
import {UserError} from '../model/user-error.ts'
import {visible} from '../render/visible.ts'
import {EXIT} from './exit-codes.ts'

/** Prints why a command failed, one sentence and what to do next, and sets the exit status. */
export function reportFailure(error: unknown): void {
  if (error instanceof UserError) {
    complain(`${error.message}\n${error.next}`)
    process.exitCode = error.exitCode
  } else if (error instanceof Errors.ExitError) {
    process.exitCode = error.oclif.exit ?? EXIT.bug
  } else if (error instanceof Errors.CLIError) {
    // oclif's own errors are about the command line: an unknown flag, a missing value.
    complain(error.message)
    process.exitCode = EXIT.usage
  } else {
    complain(`a bug in rtctl: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    process.exitCode = EXIT.bug
  }
}

function complain(text: string): void {
  process.stderr.write(`rtctl: ${text.split('\n').map(visible).join('\n')}\n`)
}
