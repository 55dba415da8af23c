// SPDX-License-Identifier: Apache-2.0
import type {JournalEntry, MigrationState} from '../model/migration/journal.ts'
import type {Action, PlannedStep} from '../model/migration/plan.ts'

/**
 * How far a migration is.
 *
 * @param alive an rtctl works on it now
 */
export function stateOf(entries: readonly JournalEntry[], alive: boolean): MigrationState {
  const has = (kind: JournalEntry['kind']) => entries.some((entry) => entry.kind === kind)
  if (has('cleaned')) return 'cleaned'
  if (has('rolled-back')) return 'rolled-back'
  if (has('rollback')) return alive ? 'rolling-back' : toUndo(entries).length === 0 ? 'rolling-back' : isThrough(entries) ? 'rollback-incomplete' : 'rolling-back'
  if (has('complete')) return 'complete'
  if (alive) return 'running'
  const last = entries.at(-1)
  return last?.kind === 'paused' ? 'paused' : last?.kind === 'failed' ? 'failed' : 'interrupted'
}

/** Whether the last rollback has tried every step. */
function isThrough(entries: readonly JournalEntry[]): boolean {
  const since = entries.slice(entries.findLastIndex(({kind}) => kind === 'rollback'))
  const tried = new Set(since.flatMap((entry) => (entry.kind === 'not-undone' ? [entry.step] : [])))
  return toUndo(entries).every(({step}) => tried.has(step))
}

export type Intent = Extract<JournalEntry, {readonly kind: 'intent'}>

/**
 * Steps that were begun and are not taken back, in the order they were begun.
 *
 * @param bootId of now: what was taken back before a reboot has to be looked at again
 */
export function toUndo(entries: readonly JournalEntry[], bootId?: string): readonly Intent[] {
  const undone = new Set<string>()
  let counts = true
  for (const entry of entries) {
    if (entry.kind === 'rollback') counts = bootId === undefined || entry.bootId === bootId
    if (entry.kind === 'undone' && counts) undone.add(entry.step)
    if (entry.kind === 'not-undone') undone.delete(entry.step)
  }
  return entries.filter((entry): entry is Intent => entry.kind === 'intent' && !undone.has(entry.step))
}

/** Ids of steps that a rollback since this boot has tried to take back and could not. */
export function triedToUndo(entries: readonly JournalEntry[], bootId: string): ReadonlySet<string> {
  const tried = new Set<string>()
  let counts = false
  for (const entry of entries) {
    if (entry.kind === 'rollback') counts = entry.bootId === bootId
    if (entry.kind === 'not-undone' && counts) tried.add(entry.step)
  }
  return tried
}

/** Ids of steps that are done or left out. */
export function settled(entries: readonly JournalEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap((entry) => (entry.kind === 'done' || entry.kind === 'skipped' ? [entry.step] : [])))
}

/** Boot of the machine in which the migration was worked on last. */
export function lastBoot(entries: readonly JournalEntry[]): string | undefined {
  const entry = entries.findLast(({kind}) => kind === 'begin' || kind === 'resume' || kind === 'rollback')
  return entry !== undefined && 'bootId' in entry ? entry.bootId : undefined
}

/** Units that the steps have stopped and not started again: a boot may have started them. */
export function stoppedUnits(steps: readonly PlannedStep[]): readonly string[] {
  const last = new Map<string, string | undefined>()
  for (const {action} of steps) if (action.kind === 'unit' && action.active !== undefined) last.set(action.unit, action.active)
  return [...last].flatMap(([unit, active]) => (active === 'stopped' ? [unit] : []))
}

/** What a boot takes back: it has to be done again where a migration goes on after one. */
const VOLATILE: ReadonlySet<Action['kind']> = new Set<Action['kind']>([
  'unit', 'remove-docker-pods', 'stop-docker-containers', 'clear-path', 'forward-policy', 'remove-docker-chains', 'remove-link', 'sysctl', 'load-module',
])

export function isVolatile({action}: PlannedStep): boolean {
  return VOLATILE.has(action.kind)
}
