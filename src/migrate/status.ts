// SPDX-License-Identifier: Apache-2.0
import type {MigrationState} from '../model/migration/journal.ts'
import type {Plan} from '../model/migration/plan.ts'
import type {MigrationStatus} from '../model/migration/report.ts'
import {UserError} from '../model/user-error.ts'
import {isEmpty, newest, whoWorks} from './begin.ts'
import {type Journal, migrationIds, MIGRATIONS, readJournal} from './journal.ts'
import type {Machine} from './machine.ts'
import {refused} from './refused.ts'
import {lastBoot, settled, stateOf, toUndo} from './state.ts'

/** A migration whose journal cannot be read, or is not to be trusted. */
export interface UnreadableMigration {
  readonly id: string
  readonly folder: string
  readonly problem: string
}

/** Name of the node's object in its cluster, by the steps that are about it. */
export function nodeNameOf({steps, node}: Plan): string {
  const step = steps.find(({action}) => 'node' in action)
  return step !== undefined && 'node' in step.action ? step.action.node : node
}

/**
 * How far a migration is.
 *
 * @param id the newest where it is undefined
 * @throws UserError where there is none, or its journal cannot be trusted
 */
export async function migrationStatus(machine: Machine, id?: string): Promise<MigrationStatus> {
  mustBeRoot(machine)
  const journal = id === undefined ? newest(machine.files) : readJournal(machine.files, id)
  if (journal === undefined) throw refused('No migration was begun on this machine.', 'See what one would do: `rtctl migrate --to containerd`.')
  return statusOf(machine, journal, await whoWorks(machine), newest(machine.files)?.id === journal.id)
}

/** All migrations of this machine, the newest first. */
export async function listMigrations(machine: Machine): Promise<readonly (MigrationStatus | UnreadableMigration)[]> {
  mustBeRoot(machine)
  const pid = await whoWorks(machine)
  const ids = migrationIds(machine.files).filter((id) => !isEmpty(machine.files, id)).toReversed()
  return ids.map((id, index) => {
    try {
      return statusOf(machine, readJournal(machine.files, id), pid, index === 0)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return {id, folder: `${MIGRATIONS}/${id}`, problem: error.message}
    }
  })
}

function mustBeRoot(machine: Machine): void {
  if (machine.about().uid !== 0) throw refused('Only root may read the journals of migrations: they hold files of the node as they were.', 'Run it with sudo.')
}

function statusOf(machine: Machine, journal: Journal, pid: number | undefined, isNewest: boolean): MigrationStatus {
  const {id, folder, plan, entries} = journal
  const alive = isNewest && pid !== undefined
  const state = stateOf(entries, alive)
  const failure = entries.findLast((entry) => entry.kind === 'failed')
  const step = stepOf(journal)
  const next = nextOf(state, id)
  return {
    id, folder, state, node: plan.node, from: plan.from.runtime, to: plan.target.name,
    begun: entries[0]!.at, last: entries.at(-1)!.at, done: settled(entries).size, steps: plan.steps.length,
    ...(step !== undefined && {step}),
    ...(failure?.kind === 'failed' && {failure: failure.reason}),
    notUndone: state === 'rollback-incomplete' ? notUndone(journal) : [],
    ...(alive && pid > 0 && {pid}),
    remarks: remarksOf(machine, journal, state),
    ...(next !== undefined && {next}),
  }
}

function stepOf({entries, plan}: Journal): MigrationStatus['step'] {
  const over = settled(entries)
  const intent = entries.findLast((entry) => entry.kind === 'intent' && !over.has(entry.step))
  if (intent?.kind !== 'intent') return undefined
  return {id: intent.step, phase: intent.phase, title: plan.steps.find(({id}) => id === intent.step)?.title ?? intent.step, since: intent.at}
}

function notUndone({entries}: Journal): MigrationStatus['notUndone'] {
  const left = new Set(toUndo(entries).map(({step}) => step))
  const reasons = new Map(entries.flatMap((entry) => (entry.kind === 'not-undone' && left.has(entry.step) ? [[entry.step, entry.reason] as const] : [])))
  return [...reasons].map(([step, reason]) => ({step, reason}))
}

function remarksOf(machine: Machine, {entries, torn}: Journal, state: MigrationState): readonly string[] {
  const open = state === 'interrupted' || state === 'paused' || state === 'failed' || state === 'rolling-back'
  return [
    ...(open && lastBoot(entries) !== machine.about().bootId ? ['The machine was rebooted since.'] : []),
    ...(torn ? ['The last line of the journal was not written to its end; what it announced was not begun.'] : []),
  ]
}

const GO_BACK = 'go back with `sudo rtctl migrate rollback`'

function nextOf(state: MigrationState, id: string): string | undefined {
  switch (state) {
    case 'running':
      return 'Wait until it is through.'
    case 'paused':
    case 'interrupted':
    case 'failed':
      return `Go on with \`sudo rtctl migrate resume\`, or ${GO_BACK}.`
    case 'complete':
      return `Nothing has to be done. \`sudo rtctl migrate rollback ${id}\` goes back; \`rtctl migrate cleanup\` removes what Docker left, and the way back.`
    case 'rolling-back':
    case 'rollback-incomplete':
      return `Take it back to the end: \`sudo rtctl migrate rollback ${id}\`.`
    case 'rolled-back':
    case 'cleaned':
      return undefined
  }
}
