// SPDX-License-Identifier: Apache-2.0
import type {JournalEntry} from '../model/migration/journal.ts'
import type {Action, Plan} from '../model/migration/plan.ts'
import type {BackupFolder} from './journal.ts'
import type {ClusterNode, CriRuntime, Machine} from './machine.ts'

/** What an action may know of the migration that it is part of. */
export interface Context {
  readonly plan: Plan
  /** of the journal, so far */
  readonly entries: readonly JournalEntry[]
  readonly backup: BackupFolder
  /** what waits ends when it is aborted; what changes something ends in its own time */
  readonly signal: AbortSignal
  /** the machine was rebooted since this was done; steps after it may be done, too */
  readonly again: boolean
  /** how far it is, for a person */
  say(text: string): void
}

export type ActionOf<K extends Action['kind']> = Extract<Action, {readonly kind: K}>

/** How an action is done. Each method throws an Error that says what is wrong and where. */
export interface Handler<K extends Action['kind']> {
  /** What takes the action back, first to last, told from how the node is now. May write into the backup, and changes nothing else. */
  undo(action: ActionOf<K>, machine: Machine, context: Context): readonly Action[] | Promise<readonly Action[]>
  /** Does it. Done again, also after half of it was done, it ends in the same state. @returns something to know of what was done */
  perform(action: ActionOf<K>, machine: Machine, context: Context): Promise<string | undefined> | string | undefined
  /** Looks whether it is so now. */
  verify?(action: ActionOf<K>, machine: Machine, context: Context): void | Promise<void>
}

/** An action that changes nothing that would have to be taken back. */
export const nothingToUndo = (): readonly Action[] => []

/** @throws where no cluster is known */
export function clusterOf(machine: Machine): ClusterNode {
  if (machine.cluster !== undefined) return machine.cluster
  throw new Error('There is no kubeconfig that may change the node in its cluster. Name one with --kubeconfig, or go without the cluster: --no-drain.')
}

/** Waiting for it any longer is for nothing. */
export class Hopeless extends Error {}

export interface Waiting {
  readonly timeoutMs: number
  readonly everyMs: number
  readonly signal: AbortSignal
}

/**
 * Looks again and again until there is nothing missing any more.
 *
 * @param look what is still missing; undefined: nothing. What it throws is what is missing, unless it is Hopeless
 * @param failed the sentence for the end of patience
 */
export async function waitFor(machine: Machine, {timeoutMs, everyMs, signal}: Waiting, look: () => Promise<string | undefined>, failed: (missing: string) => string): Promise<void> {
  const {clock} = machine
  const end = clock.now() + timeoutMs
  for (;;) {
    signal.throwIfAborted()
    const missing = await look().catch((error: Error) => {
      if (error instanceof Hopeless) throw error
      return error.message
    })
    if (missing === undefined) return
    if (clock.now() >= end) throw new Error(failed(missing))
    await clock.sleep(everyMs, signal)
  }
}

/** Does something with each, some at a time. The first error is thrown when all are through. */
export async function withEach<T>(items: readonly T[], work: (item: T) => Promise<void>, parallel = 8): Promise<void> {
  const pending = [...items]
  const errors: unknown[] = []
  const worker = async () => {
    for (let item = pending.shift(); item !== undefined; item = pending.shift()) await work(item).catch((error: unknown) => errors.push(error))
  }
  await Promise.all(Array.from({length: parallel}, worker))
  if (errors.length > 0) throw errors[0]
}

/** `web-0`, `web-0, web-1 and 3 more` */
export function someOf(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** Asks a runtime, and closes the connection. */
export async function withRuntime<T>(machine: Machine, endpoint: string, work: (runtime: CriRuntime) => Promise<T>): Promise<T> {
  const runtime = machine.cri(endpoint)
  try {
    return await work(runtime)
  } finally {
    runtime.close()
  }
}
