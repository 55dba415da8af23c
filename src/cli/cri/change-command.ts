// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Changed} from '../../app/cri/change.ts'
import {CriError} from '../../cri/errors.ts'
import type {Rpc} from '../../cri/rpc.ts'
import {UserError} from '../../model/user-error.ts'
import {visible} from '../../render/visible.ts'
import {EXIT} from '../exit-codes.ts'
import {interruptible} from '../interrupt.ts'
import {print} from '../output.ts'
import type {CriFlags, CriServices} from './cri-command.ts'
import {CriCommand} from './cri-command.ts'

export const dryRunFlag = Flags.boolean({summary: 'Print what would be asked of the runtime, and ask nothing.'})

const INTERRUPTED = 130

/** What the `cri` commands share that change something. */
export abstract class ChangeCommand extends CriCommand {
  /** Connects, and does the work until it ends or Ctrl-C ends it: then the work has to leave nothing half done. */
  protected async changing(flags: CriFlags, work: (services: CriServices, signal: AbortSignal) => Promise<void>): Promise<void> {
    const services = await this.connect(flags, 'change')
    await interruptible(async (signal) => {
      try {
        await work(services, signal)
      } catch (error) {
        if (!signal.aborted || !isInterruption(error)) throw error
      }
      if (!signal.aborted) return
      this.note('rtctl: interrupted')
      process.exitCode = INTERRUPTED
    })
  }

  /** Prints requests in place of sending them. */
  protected async show<Request>(flags: CriFlags, rpc: Rpc<Request, unknown> | Rpc<Request, never>, requests: readonly Partial<Request>[]): Promise<void> {
    await this.connect(flags, 'change')
    for (const request of requests) await print(`${JSON.stringify(this.requestOf(rpc, request), null, 2)}\n`)
  }

  /**
   * Prints what was changed as it comes, and tells of the errors; the status is 1 if there were some. A single error is thrown,
   * to be explained.
   */
  protected async report<Result>(changes: AsyncIterable<Changed<Result>>, lines: (id: string, result: Result) => readonly string[]): Promise<void> {
    const errors: unknown[] = []
    for await (const {id, result, error} of changes) {
      if (error === undefined) await print(lines(id, result as Result).map((line) => `${visible(line)}\n`).join(''))
      else errors.push(error)
    }
    const last = errors.pop()
    for (const error of errors) this.note(`rtctl: ${error instanceof UserError ? `${error.message} ${error.next}` : (error as Error).message}`)
    if (last !== undefined) throw last
  }

  /** The ids that a command is about. @throws UserError for none, and for some beside `--all` */
  protected idsOf(argv: readonly unknown[], all: boolean, what: string): readonly string[] {
    if (all && argv.length > 0) throw new UserError(`--all means every ${what}; there are ids as well.`, 'Give one of them.', EXIT.usage)
    if (!all && argv.length === 0) throw new UserError(`There is no ${what} to do it to.`, `Give the id of a ${what}, or --all.`, EXIT.usage)
    return argv.map(String)
  }
}

function isInterruption(error: unknown): boolean {
  return (error instanceof CriError && error.kind === 'cancelled') || (error instanceof Error && error.name === 'AbortError')
}
