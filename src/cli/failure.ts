// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'
import {visible} from '../render/visible.ts'
import {EXIT} from './exit-codes.ts'

/** A failure as the user is told of it. */
export interface Failure {
  readonly message: string
  /** what to do next; a bug has none */
  readonly next?: string
  readonly exitCode: number
}

/** What to say of something thrown, and the exit status it stands for. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof UserError) return {message: error.message, next: error.next, exitCode: error.exitCode}
  if (isOclifError(error)) return {message: usageMessage(error), next: 'See `rtctl --help`.', exitCode: EXIT.usage}
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {message: `a bug in rtctl: ${stack}`, exitCode: EXIT.bug}
}

/** Prints why a command failed to standard error and sets the exit status. Never throws. */
export function reportFailure(error: unknown): void {
  if (isExit(error)) {
    process.exitCode = error.oclif.exit
    return
  }
  const {message, next, exitCode} = describeFailure(error)
  const text = next === undefined ? message : `${message}\n${next}`
  process.stderr.write(`rtctl: ${text.split('\n').map(visible).join('\n')}\n`)
  process.exitCode = exitCode
}

interface OclifError extends Error {
  readonly oclif: {readonly exit: number}
}

/**
 * oclif throws these about the command line: an unknown flag, a missing value. Told by their shape, because
 * importing their classes would load all of oclif into what only has to print a sentence.
 */
function isOclifError(error: unknown): error is OclifError {
  return error instanceof Error && typeof (error as Partial<OclifError>).oclif?.exit === 'number'
}

/** `this.exit(status)` of a command: an answer, not a failure. */
function isExit(error: unknown): error is OclifError {
  return isOclifError(error) && (error as NodeJS.ErrnoException).code === 'EEXIT'
}

/** oclif lays its messages out over several lines, in colour, with a hint that `next` gives already. */
function usageMessage(error: OclifError): string {
  // Not by `import`: that evaluates all exports of node:util, and takes 4 ms of every run.
  const text = process.getBuiltinModule('node:util').stripVTControlCharacters(error.message)
    .replace('See more help with --help', '')
    .replace(/^The following errors? occurred:/, '')
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return /[.:?!]$/.test(line) ? line : `${line}.`
}
