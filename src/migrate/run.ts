// SPDX-License-Identifier: Apache-2.0
// The part that apply and resume share: steps one after the other, each announced in the journal before it is done.
import type {MigrationEvent, MigrationReport, StepReport} from '../model/migration/report.ts'
import type {Phase, PlannedStep} from '../model/migration/plan.ts'
import {handlerOf} from './actions/index.ts'
import type {Context} from './handler.ts'
import type {OpenJournal} from './journal.ts'
import type {Machine} from './machine.ts'
import {sweep, undoSteps} from './undo.ts'
import {isVolatile, lastBoot, settled} from './state.ts'

/** How a migration is carried out. */
export interface RunOptions {
  /** why a step is left out for good; undefined: it is not */
  skip(step: PlannedStep): string | undefined
  /** only these for now; undefined: all */
  readonly phases?: readonly Phase[] | undefined
  readonly pauseBefore?: Phase | undefined
  /** false: stay where a step failed */
  readonly rollback: boolean
  /** ends what waits; then the migration is rolled back */
  readonly signal: AbortSignal
  tell(event: MigrationEvent): void
}

export interface Run {
  readonly journal: OpenJournal
  readonly machine: Machine
  readonly options: RunOptions
}

/** Does the steps that are neither done nor left out, and rolls back where one fails. The journal stays open. */
export async function carryOut(run: Run): Promise<MigrationReport> {
  const {journal, machine, options} = run
  const begun = machine.clock.now()
  const steps: StepReport[] = []
  const report = (rest: Omit<MigrationReport, 'id' | 'folder' | 'steps' | 'seconds'>): MigrationReport => ({
    id: journal.id, folder: journal.folder, steps, seconds: (machine.clock.now() - begun) / 1000, ...rest,
  })
  let current: PlannedStep | undefined
  try {
    sweep(run)
    await repeatAfterBoot(run)
    const open = await doSteps(run, steps, (step) => {
      current = step
    })
    if (open === undefined) return report(completed(journal))
    journal.append({kind: 'paused', reason: open})
    return report({state: 'paused', next: `${open} Go on with \`rtctl migrate resume\`, or go back with \`rtctl migrate rollback\`.`})
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const failure = {step: current?.id ?? '', title: current?.title ?? 'Begin', reason}
    tryAppend(journal, {kind: 'failed', step: failure.step, reason})
    if (!options.rollback) return report({state: 'failed', failure, next: 'Mend it and go on with `rtctl migrate resume`, or go back with `rtctl migrate rollback`.'})
    const undone = await undoSteps(run, reason)
    return report({...undone, failure})
  }
}

/** A disk that is full now is no reason to take back what works. */
function completed(journal: OpenJournal): Pick<MigrationReport, 'failure' | 'next' | 'state'> {
  try {
    journal.append({kind: 'complete'})
    return {state: 'complete'}
  } catch (error) {
    const failure = {step: '', title: 'Write the journal', reason: `every step is done, but this could not be written down: ${(error as Error).message}`}
    return {state: 'interrupted', failure, next: 'Make room on the disk, then `rtctl migrate resume` writes it down.'}
  }
}

/** For entries that only tell: where the disk is full, a rollback has to go on without them. */
function tryAppend(journal: OpenJournal, entry: Parameters<OpenJournal['append']>[0]): void {
  try {
    journal.append(entry)
  } catch {
    // What is not written as done is done again, or taken back again.
  }
}

/** @returns why it ended before the last step; undefined: nothing is left */
async function doSteps(run: Run, reports: StepReport[], begin: (step: PlannedStep) => void): Promise<string | undefined> {
  const {journal, options} = run
  const {steps} = journal.plan
  const over = settled(journal.entries)
  let left: Phase | undefined
  for (const [index, step] of steps.entries()) {
    if (over.has(step.id)) continue
    begin(step)
    const why = options.skip(step)
    if (why !== undefined) {
      journal.append({kind: 'skipped', step: step.id, reason: why})
      reports.push({id: step.id, phase: step.phase, title: step.title, state: 'skipped', seconds: 0, note: why})
      continue
    }
    if (options.pauseBefore === step.phase) return `Paused before ${step.phase}, as told.`
    if (options.phases !== undefined && !options.phases.includes(step.phase)) {
      left ??= step.phase
      continue
    }
    options.signal.throwIfAborted()
    options.tell({kind: 'step', step: step.id, phase: step.phase, title: step.title, number: index + 1, of: steps.length})
    reports.push(await doStep(run, step))
  }
  return left === undefined ? undefined : `Only ${options.phases!.join(', ')} were to be done; ${left} comes next.`
}

/** Undo first, on the disk; then the change. A step that was begun before keeps the undo of then: by now the node may be half changed. */
async function doStep(run: Run, step: PlannedStep): Promise<StepReport> {
  const {journal, machine, options} = run
  const begun = machine.clock.now()
  const {id, phase, title, action} = step
  const ended = (state: StepReport['state'], note: string | undefined): StepReport => ({
    id, phase, title, state, seconds: (machine.clock.now() - begun) / 1000, ...(note !== undefined && {note}),
  })
  const handler = handlerOf(action)
  const context = contextOf(run, false)
  try {
    if (!journal.entries.some((entry) => entry.kind === 'intent' && entry.step === id)) {
      const undo = await handler.undo(action, machine, context)
      journal.append({kind: 'intent', step: id, phase, undo})
    }
    const note = await handler.perform(action, machine, context)
    await handler.verify?.(action, machine, context)
    journal.append({kind: 'done', step: id, ...(note !== undefined && {note})})
    const report = ended('done', note)
    options.tell({kind: 'step-end', report})
    return report
  } catch (error) {
    options.tell({kind: 'step-end', report: ended('failed', (error as Error).message)})
    throw error
  }
}

/** A boot has started the units that are enabled, loaded the old rules and forgotten what was only in the kernel. */
async function repeatAfterBoot(run: Run): Promise<void> {
  const {journal, machine} = run
  const {entries, plan} = journal
  const resumed = entries.findLastIndex(({kind}) => kind === 'resume')
  if (resumed === -1 || lastBoot(entries.slice(0, resumed)) === machine.about().bootId) return
  const done = new Set(entries.flatMap((entry) => (entry.kind === 'done' ? [entry.step] : [])))
  const context = contextOf(run, true)
  for (const {action} of plan.steps.filter((step) => done.has(step.id) && isVolatile(step))) await handlerOf(action).perform(action, machine, context)
}

/** What the actions of a run get to know. */
export function contextOf({journal, options}: Run, again: boolean): Context {
  return {
    plan: journal.plan, entries: journal.entries, backup: journal.backup, signal: options.signal, again,
    say: (text) => options.tell({kind: 'progress', text}),
  }
}
