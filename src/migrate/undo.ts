// SPDX-License-Identifier: Apache-2.0
// Taking back what was begun, from the journal and its backups alone.
import {dirname} from 'node:path'
import type {NewEntry, OpenJournal} from './journal.ts'
import type {Action, PlannedStep} from '../model/migration/plan.ts'
import type {MigrationReport, StepReport} from '../model/migration/report.ts'
import {handlerOf} from './actions/index.ts'
import {restoreEnablement} from './actions/restore-unit.ts'
import type {Context} from './handler.ts'
import type {Machine} from './machine.ts'
import type {Run} from './run.ts'
import {type Intent, stoppedUnits, toUndo, triedToUndo} from './state.ts'
import {changeUnit, readUnit} from './units.ts'

type Undone = Pick<MigrationReport, 'notUndone' | 'state' | 'next'>
type NotUndone = NonNullable<MigrationReport['notUndone']>[number]

/** Takes back every step that was begun, the last first. What fails is written down, and the rest is done all the same. Never throws. */
export async function undoSteps(run: Run, reason: string): Promise<Undone> {
  try {
    return await undoAll(run, reason)
  } catch (error) {
    const failure: NotUndone = {step: '', title: 'Roll back', reason: error instanceof Error ? error.message : String(error)}
    return {state: 'rolling-back', notUndone: [failure], next: AGAIN}
  }
}

const AGAIN = 'Mend what is named and run `rtctl migrate rollback` again; it does the rest.'

async function undoAll(run: Run, reason: string): Promise<Undone> {
  const {journal, machine, options} = run
  const problems = new Set<string>()
  const write = (entry: NewEntry) => writeDown(journal, entry, problems)
  freeReserve(run)
  sweep(run)
  const {bootId} = machine.about()
  const pending = toUndo(journal.entries, bootId)
  const tried = triedToUndo(journal.entries, bootId)
  write({kind: 'rollback', reason, bootId})
  options.tell({kind: 'rollback', reason, steps: pending.length})
  // Of a rollback that was not complete the rest is back, and works.
  await stopAgain(run, pending.filter(({step}) => !tried.has(step))).catch((error: Error) => options.tell({kind: 'progress', text: error.message}))
  const failed = new Map<string, string>()
  let phase: string | undefined
  for (const intent of undoOrder(pending)) {
    if (intent.phase !== phase) await enableAll(machine, pending.filter((each) => each.phase === intent.phase))
    ;({phase} = intent)
    const why = await undoStep(run, intent)
    if (why === undefined) write({kind: 'undone', step: intent.step})
    else {
      write({kind: 'not-undone', step: intent.step, reason: why})
      failed.set(intent.step, why)
    }
  }
  await secondChance(run, pending, failed, write)
  for (const [step, why] of await lookAgain(run, pending, failed)) {
    write({kind: 'not-undone', step, reason: why})
    failed.set(step, why)
  }
  if (failed.size === 0) write({kind: 'rolled-back'})
  return outcome(run, failed, problems)
}

function outcome({journal}: Run, failed: ReadonlyMap<string, string>, problems: ReadonlySet<string>): Undone {
  const {plan, folder} = journal
  const notUndone: NotUndone[] = [...failed].map(([step, reason]) => ({step, title: stepOf(plan.steps, step)?.title ?? step, reason}))
  if (notUndone.length > 0) {
    return {state: 'rollback-incomplete', notUndone, next: `${AGAIN} The journal is ${folder}, the files as they were are in ${folder}/backup.`}
  }
  if (problems.size === 0) return {state: 'rolled-back'}
  const [problem] = problems
  const entry: NotUndone = {step: '', title: 'Write the journal', reason: `everything is taken back, but this could not be written down: ${problem}`}
  return {state: 'rolling-back', notUndone: [entry], next: 'Make room on the disk and run `rtctl migrate rollback` again: it finds nothing left to do and says so in the journal.'}
}

function writeDown(journal: OpenJournal, entry: NewEntry, problems: Set<string>): void {
  try {
    journal.append(entry)
  } catch (error) {
    problems.add((error as Error).message)
  }
}

/** Takes away what a process that was killed had begun to write: files beside those of the plan, under names that only rtctl gives. */
export function sweep({journal, machine: {files}}: Pick<Run, 'journal' | 'machine'>): void {
  const paths = journal.plan.steps.flatMap(({action}) => (action.kind === 'write-file' ? [action.path] : []))
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const left = (files.list(folder) ?? []).filter((name) => /^\..+\.rtctl-[0-9a-f]{12}$/.test(name))
    for (const name of left) files.remove(`${folder}/${name}`)
  }
}

/** On a full disk the entries of the rollback have room then. */
function freeReserve({journal, machine}: Run): void {
  try {
    machine.files.remove(`${journal.folder}/reserve`)
  } catch {
    // A disk that is read-only says so with the first entry.
  }
}

/** What a boot, or somebody, has started in the middle of the migration: a kubelet that runs would make pods all the time. */
async function stopAgain({journal, machine}: Run, pending: readonly Intent[]): Promise<void> {
  const begun = new Set(pending.map(({step}) => step))
  for (const unit of stoppedUnits(journal.plan.steps.filter(({id}) => begun.has(id)))) {
    const present = await readUnit(machine, unit)
    if (present.known && present.active) await changeUnit(machine, 'stop', unit)
  }
}

/**
 * The last first. A daemon that has to read its files again does so when all files of its phase are back; until then it does what it did.
 */
export function undoOrder(intents: readonly Intent[]): readonly Intent[] {
  const ordered: Intent[] = []
  let late: Intent[] = []
  for (const [index, intent] of intents.toReversed().entries()) {
    if (isLate(intent)) late.push(intent)
    else ordered.push(intent)
    const next = intents.at(-index - 2)
    if (next?.phase === intent.phase) continue
    ordered.push(...late)
    late = []
  }
  return ordered
}

/**
 * Before the units of a phase are started: systemd does not start docker.service as long as docker.socket, which it requires, is masked.
 * What fails here is told when the unit itself is restored.
 */
async function enableAll(machine: Machine, intents: readonly Intent[]): Promise<void> {
  for (const action of intents.flatMap(({undo}) => undo)) {
    if (action.kind !== 'restore-unit' || !action.state.active || action.restart === true) continue
    try {
      const present = await readUnit(machine, action.unit)
      if (present.known) await restoreEnablement(action, machine, present)
    } catch {
      // It is tried again.
    }
  }
}

function isLate({undo}: Intent): boolean {
  return undo.some((action) => action.kind === 'restore-unit' && action.restart === true)
}

/** @returns why it is not taken back; undefined: it is */
async function undoStep(run: Run, {step, phase, undo}: Intent): Promise<string | undefined> {
  const {journal, machine, options} = run
  if (undo.length === 0) return undefined
  const title = stepOf(journal.plan.steps, step)?.title ?? step
  const begun = machine.clock.now()
  const problems: string[] = []
  const notes: string[] = []
  options.tell({kind: 'progress', text: `taking back: ${title}`})
  const context = undoContext(run)
  for (const action of undo) {
    // A node that did not come back must not take pods.
    if (action.kind === 'uncordon' && problems.length > 0) continue
    await attempt(problems, async () => {
      const note = await handlerOf(action).perform(action, machine, context)
      if (note !== undefined) notes.push(note)
    })
  }
  if (problems.length === 0) for (const action of undo) await attempt(problems, async () => handlerOf(action).verify?.(action, machine, context))
  const note = problems.length > 0 ? problems.join(' ') : notes.join('; ')
  const report: StepReport = {
    id: step, phase, title, state: problems.length > 0 ? 'not-undone' : 'undone', seconds: (machine.clock.now() - begun) / 1000, ...(note !== '' && {note}),
  }
  options.tell({kind: 'step-end', report})
  return problems.length > 0 ? problems.join(' ') : undefined
}

async function attempt(problems: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
}

/** A rollback is not ended by the signal that began it. */
function undoContext({journal, options}: Run): Context {
  return {
    plan: journal.plan, entries: journal.entries, backup: journal.backup, signal: new AbortController().signal, again: false,
    say: (text) => options.tell({kind: 'progress', text}),
  }
}

const OF_CLUSTER: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['annotate-node', 'cordon'])

/** The API server of a control plane runs on the node itself: when all else is back, it answers again. */
async function secondChance(run: Run, pending: readonly Intent[], failed: Map<string, string>, write: (entry: NewEntry) => void): Promise<void> {
  for (const intent of pending.filter(({step, undo}) => failed.has(step) && undo.every(({kind}) => OF_CLUSTER.has(kind)))) {
    // The node takes pods again by now, and cordoned it was only for the time of the rollback.
    const why = intent.undo.some(({kind}) => kind === 'cordon') ? undefined : await undoStep(run, intent)
    if (why !== undefined) continue
    failed.delete(intent.step)
    write({kind: 'undone', step: intent.step})
  }
}

/** Whether files and units are as they were before the first step that changed them, now that all is over. */
async function lookAgain(run: Run, pending: readonly Intent[], failed: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const first = new Map<string, {readonly step: string; readonly action: Action}>()
  for (const {step, undo} of pending.toReversed()) {
    for (const action of undo) {
      const key = keyOf(action)
      if (key !== undefined) first.set(key, {step, action})
    }
  }
  const wrong = new Map<string, string>()
  const context = undoContext(run)
  for (const {step, action} of first.values()) {
    if (failed.has(step)) continue
    await looked(run.machine, action, context).catch((error: Error) => wrong.set(step, error.message))
  }
  return wrong
}

async function looked(machine: Machine, action: Action, context: Context): Promise<void> {
  await handlerOf(action).verify?.(action, machine, context)
}

function keyOf(action: Action): string | undefined {
  if (action.kind === 'restore-file') return `file ${action.path}`
  return action.kind === 'restore-unit' ? `unit ${action.unit}` : undefined
}

function stepOf(steps: readonly PlannedStep[], id: string): PlannedStep | undefined {
  return steps.find((step) => step.id === id)
}
