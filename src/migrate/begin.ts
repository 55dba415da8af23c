// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'
import {readJournal, LOCK, MIGRATIONS, migrationIds, type Journal} from './journal.ts'
import type {Files, Lock, Machine} from './machine.ts'
import {refused} from './refused.ts'
import {stateOf} from './state.ts'

/**
 * Whether migrations can be done here at all.
 *
 * @throws UserError (5)
 */
export function checkMachine(machine: Machine): void {
  const {uid, systemd, container} = machine.about()
  if (uid !== 0) throw refused('Only root can migrate a node.', 'Run it with sudo.')
  if (!systemd) {
    throw refused('systemd does not run this machine (there is no /run/systemd/system), and rtctl changes services through it alone.', 'Print the steps as a script instead, and fit it to your service manager: `rtctl migrate --to … -o script`.')
  }
  if (container !== undefined) {
    throw refused(`rtctl runs in a container (cgroup ${container}), which a migration may stop.`, 'Run it on the node itself: over ssh, as root.')
  }
}

/**
 * Does work that no other rtctl may do at the same time on this machine.
 *
 * @throws UserError (5) with the pid of the one that does
 */
export async function locked<T>(machine: Machine, work: () => Promise<T>): Promise<T> {
  try {
    return await underLock(machine, work)
  } catch (error) {
    throw asRefusal(error)
  }
}

/** A disk that is full, a program that is missing: what fails while a step is done is told by its report, so nothing was changed yet. */
function asRefusal(error: unknown): unknown {
  const isOurs = error instanceof UserError || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  if (isOurs || !(error instanceof Error)) return error
  return refused(`${error.message.replace(/\.?$/, '.')} Nothing was changed.`, 'Mend it, and do the same again.')
}

async function underLock<T>(machine: Machine, work: () => Promise<T>): Promise<T> {
  machine.files.makeFolder(MIGRATIONS)
  const lock = await machine.lock(LOCK)
  if (typeof lock === 'number') throw busy(lock)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

function busy(pid: number): Error {
  const who = pid === 0 ? 'Another rtctl' : `Another rtctl (pid ${pid})`
  return refused(`${who} works on a migration of this machine.`, 'Wait until it is through; `rtctl migrate status` tells how far it is.')
}

/**
 * Whether a migration may be begun now. Asked before a plan is made: in the middle of another migration the node looks like none that
 * could be planned for.
 *
 * @throws UserError (5)
 */
export async function checkMayBegin(machine: Machine): Promise<void> {
  checkMachine(machine)
  const pid = await whoWorks(machine)
  if (pid !== undefined) throw busy(pid)
  checkNoneOpen(machine.files)
}

/** Pid of the rtctl that works on a migration now, 0 where it does not tell; undefined: none does. */
export async function whoWorks(machine: Machine): Promise<number | undefined> {
  if (machine.files.look(LOCK).type === 'absent') return undefined
  const lock: Lock | number = await machine.lock(LOCK)
  if (typeof lock === 'number') return lock
  lock.release()
  return undefined
}

/** Nothing was begun where a journal has no entry yet. */
export function isEmpty(files: Files, id: string): boolean {
  const found = files.look(`${MIGRATIONS}/${id}/journal.jsonl`)
  return found.type === 'absent' || (found.type === 'file' && !found.bytes.includes(0x0a))
}

/**
 * The newest migration that was begun.
 *
 * @throws UserError where its journal cannot be trusted
 */
export function newest(files: Files): Journal | undefined {
  const id = migrationIds(files).findLast((each) => !isEmpty(files, each))
  return id === undefined ? undefined : readJournal(files, id)
}

/**
 * Makes sure that no earlier migration is left in the middle.
 *
 * @throws UserError (5)
 */
export function checkNoneOpen(files: Files): void {
  for (const id of migrationIds(files)) {
    if (isEmpty(files, id)) continue
    const state = stateOf(readJournal(files, id).entries, false)
    if (state === 'complete' || state === 'rolled-back' || state === 'cleaned') continue
    const next = state === 'rolling-back' || state === 'rollback-incomplete'
      ? `Take it back to the end: \`rtctl migrate rollback ${id}\`.`
      : `Go on with it: \`rtctl migrate resume\`. Or take it back: \`rtctl migrate rollback\`.`
    throw refused(`Migration ${id} of this machine is not finished: it is ${state}.`, next)
  }
}
