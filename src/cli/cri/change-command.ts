// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {changeEach} from '../../app/cri/change.ts'
import {CriError} from '../../cri/errors.ts'
import type {Rpc} from '../../cri/rpc.ts'
import {UserError} from '../../model/user-error.ts'
import {visible} from '../../render/visible.ts'
import {EXIT} from '../exit-codes.ts'
import {interruptible} from '../interrupt.ts'
import {print} from '../output.ts'
import type {CriFlags, CriServices} from './cri-command.ts'
import {CriCommand} from './cri-command.ts'

export const dryRunFlag = Flags.boolean({summary: 'Print what would be asked of the runtime, and change nothing.'})

/** What a shell says of a program that Ctrl-C has ended. */
const INTERRUPTED = 130

/** How `changeAll` goes about its work. */
export interface ChangeAll<Result> {
  readonly ids: readonly string[]
  readonly change: (id: string) => Promise<Result>
  /** what to print of one that was changed */
  readonly lines: (id: string, result: Result) => readonly string[]
  readonly signal: AbortSignal
  /** one after the other, where the order means something; else some at a time */
  readonly inTurn?: boolean
}

/** What the `cri` commands share that change something. */
export abstract class ChangeCommand extends CriCommand {
  /**
   * Connects, and does the work until it ends or Ctrl-C ends it: then the work has to leave nothing half done. The status is
   * 130 then.
   *
   * @param onInterrupt what is done about it, where that may take a while
   */
  protected async changing(flags: CriFlags, work: (services: CriServices, signal: AbortSignal) => Promise<void>, onInterrupt?: string): Promise<void> {
    const services = await this.connect(flags, 'change')
    await interruptible(async (signal) => {
      signal.addEventListener('abort', () => {
        // The terminal shows ^C where the cursor is.
        if (process.stderr.isTTY) process.stderr.write('\n')
        this.note(`rtctl: interrupted${onInterrupt === undefined ? '' : `; ${onInterrupt}. Ctrl-C once more leaves at once`}`)
        process.exitCode = INTERRUPTED
      })
      try {
        await work(services, signal)
      } catch (error) {
        if (!signal.aborted || !isInterruption(error)) throw error
      }
    })
  }

  /** Prints requests in place of sending them. */
  protected async show<Request>(flags: CriFlags, rpc: Rpc<Request, unknown> | Rpc<Request, never>, requests: readonly Partial<Request>[]): Promise<void> {
    await this.connect(flags, 'change')
    await this.showRequests(rpc, requests)
  }

  /** The same where there is a connection already. */
  protected async showRequests<Request>(rpc: Rpc<Request, unknown> | Rpc<Request, never>, requests: readonly Partial<Request>[]): Promise<void> {
    for (const request of requests) await print(`${JSON.stringify(this.requestOf(rpc, request), null, 2)}\n`)
  }

  /** One line of standard output, as crictl has it. */
  protected async line(text: string): Promise<void> {
    await print(`${visible(text)}\n`)
  }

  /**
   * Changes several things, prints each as it was changed, and tells of all errors; the last one is thrown, to be explained.
   * After the signal no further one is begun, and it says how many are left.
   */
  protected async changeAll<Result>({ids, change, lines, signal, inTurn = false}: ChangeAll<Result>): Promise<void> {
    const errors: {readonly id: string; readonly error: unknown}[] = []
    let done = 0
    for await (const {id, result, error} of changeEach(ids, change, {signal, inTurn})) {
      if (error === undefined) {
        done++
        for (const text of lines(id, result as Result)) await this.line(text)
      } else if (!signal.aborted || !isInterruption(error)) errors.push({id, error})
    }
    if (signal.aborted) this.note(`rtctl: ${done} of ${ids.length} were done`)
    const last = errors.pop()
    for (const {id, error} of errors) this.note(`rtctl: ${id}: ${told(error)}`)
    if (last !== undefined) throw last.error
  }

  /** The ids that a command is about. @throws UserError for none, and for some beside `--all` */
  protected idsOf(argv: readonly unknown[], all: boolean, what: string): readonly string[] {
    if (all && argv.length > 0) throw new UserError(`--all means every ${what}, and there are ids as well.`, 'Give one of them.', EXIT.usage)
    if (!all && argv.length === 0) throw new UserError(`No ${what} was named.`, `Give the id of a ${what}, or --all.`, EXIT.usage)
    return argv.map(String)
  }
}

function told(error: unknown): string {
  return error instanceof UserError ? `${error.message} ${error.next}` : (error as Error).message
}

function isInterruption(error: unknown): boolean {
  return (error instanceof CriError && error.kind === 'cancelled') || (error instanceof Error && error.name === 'AbortError')
}
