// SPDX-License-Identifier: Apache-2.0
import type {Action, Plan, UnitState} from '../model/migration/plan.ts'
import {type Context, Hopeless} from './handler.ts'
import type {Files, Machine} from './machine.ts'

/** A stopping dockerd waits for its containers; systemd's own limit is 90 s, units may have longer ones. */
const CHANGE_MS = 300_000
/** A daemon that dies of its configuration does so within its first second, mostly. */
const STEADY_MS = 1000

/** What systemd says of a unit. */
export interface Unit extends UnitState {
  /** there is such a unit, masked or not */
  readonly known: boolean
  /** `active`, `activating`, `failed` … */
  readonly activeState: string
}

/** @throws ProgramFailed where systemd does not answer */
export async function readUnit(machine: Machine, unit: string): Promise<Unit> {
  const text = await machine.run('systemctl', ['show', '--property=LoadState,ActiveState,SubState,UnitFileState', checked(unit)])
  const values = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const))
  const [load, activeState = '', file = ''] = ['LoadState', 'ActiveState', 'UnitFileState'].map((key) => values.get(key))
  if (load === undefined || activeState === '') throw new Error(`systemctl says nothing about ${unit} that could be understood.`)
  const enablement = load === 'masked' && file === '' ? 'masked' : file
  return {known: load !== 'not-found', active: ['active', 'activating', 'reloading'].includes(activeState), activeState, ...(enablement !== '' && {enablement})}
}

/** What of it has to be brought back. */
export function stateOfUnit({active, enablement}: Unit): UnitState {
  return {active, ...(enablement !== undefined && {enablement})}
}

export type UnitVerb = 'start' | 'stop' | 'restart' | 'enable' | 'disable' | 'mask' | 'unmask'

/** @throws ProgramFailed with what systemd says, and where to read more */
export async function changeUnit(machine: Machine, verb: UnitVerb, unit: string, options: readonly string[] = []): Promise<void> {
  // A unit that failed too often is not started again until it is told that this is over.
  if (verb === 'start' || verb === 'restart') await machine.run('systemctl', ['reset-failed', checked(unit)]).catch(() => undefined)
  try {
    await machine.run('systemctl', [verb, ...options, checked(unit)], {timeoutMs: CHANGE_MS})
  } catch (error) {
    throw new Error(`${(error as Error).message} See \`journalctl -u ${unit}\`.`, {cause: error})
  }
}

/**
 * @param watched a later step sees it when it ends
 * @throws where it does not run, or not for long
 */
export async function mustStayActive(machine: Machine, unit: string, watched = false): Promise<void> {
  for (const pause of watched ? [0] : [0, STEADY_MS]) {
    if (pause > 0) await machine.clock.sleep(pause)
    const {activeState} = await readUnit(machine, unit)
    if (activeState !== 'active') throw new Error(`${unit} was started, and is ${activeState === '' ? 'not active' : activeState} now. See \`journalctl -u ${unit}\`.`)
  }
}

/** Steps that see for themselves whether what was started goes on running. */
const WATCHING: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['wait-cri', 'wait-node', 'compare-pods'])

/** Whether a step right after this one, other files and units left aside, watches the units that were started. */
export function isWatched({steps}: Plan, action: Action): boolean {
  const at = steps.findIndex((step) => step.action === action)
  const next = at === -1 ? undefined : steps[at + 1]
  return next !== undefined && WATCHING.has(next.action.kind)
}

/**
 * Looks, each time it is called, whether the units that the plan has started run; one that starts again and again is for a moment neither.
 *
 * @returns throws Hopeless where one has ended two times in a row; in a rollback it looks at nothing
 */
export function watchStarted(machine: Machine, {plan, entries}: Pick<Context, 'entries' | 'plan'>): () => Promise<void> {
  const done = new Set(entries.flatMap((entry) => (entry.kind === 'done' ? [entry.step] : [])))
  const last = new Map<string, string>()
  for (const {id, action} of plan.steps) if (action.kind === 'unit' && action.active !== undefined && done.has(id)) last.set(action.unit, action.active)
  const isBack = entries.some(({kind}) => kind === 'rollback')
  const started = isBack ? [] : [...last].flatMap(([unit, active]) => (active === 'stopped' ? [] : [unit]))
  const ended = new Map<string, number>()
  return async () => {
    for (const unit of started) {
      const {activeState} = await readUnit(machine, unit)
      ended.set(unit, activeState === 'active' ? 0 : (ended.get(unit) ?? 0) + 1)
      if (ended.get(unit)! >= 2) throw new Hopeless(`${unit} was started, and is ${activeState} now. See \`journalctl -u ${unit}\`.`)
    }
  }
}

/** @throws where it runs */
export async function mustBeStopped(machine: Machine, unit: string): Promise<void> {
  const {active, activeState} = await readUnit(machine, unit)
  if (active) throw new Error(`${unit} was stopped, and is ${activeState} all the same: something starts it again.`)
}

/** Units that run now and end with this one when it is stopped: docker.service requires docker.socket. */
export async function activeDependents(machine: Machine, unit: string): Promise<readonly string[]> {
  const text = await machine.run('systemctl', ['show', '--property=RequiredBy,BoundBy,ConsistsOf', checked(unit)])
  const names = [...new Set(text.split(/\s+/).map((word) => word.replace(/^\w+=/, '')))].filter((name) => /\.(?:service|socket)$/.test(name))
  const active: string[] = []
  for (const name of names) if ((await readUnit(machine, name)).active) active.push(name)
  return active
}

/** A name that systemctl cannot take for an option or a pattern. */
function checked(unit: string): string {
  if (/^[A-Za-z0-9_.@:\\][A-Za-z0-9_.@:\\-]*\.(?:service|socket|timer|target|mount|path|slice)$/.test(unit)) return unit
  throw new Error(`"${unit}" is no name of a unit.`)
}

const OWN_UNITS = '/etc/systemd/system'

/** The links by which a unit is enabled, masked or named otherwise, as they are now, as actions that make them again. */
export function linksOf(files: Files, unit: string): readonly Action[] {
  const names = files.list(OWN_UNITS) ?? []
  const wanted = names.filter((name) => /\.(?:wants|requires|upholds)$/.test(name)).map((name) => `${OWN_UNITS}/${name}/${unit}`)
  return [...names.map((name) => `${OWN_UNITS}/${name}`), ...wanted].flatMap((path): readonly Action[] => {
    const found = files.look(path)
    if (found.type !== 'link') return []
    const concerns = path.endsWith(`/${unit}`) || found.target.endsWith(`/${unit}`)
    return concerns ? [{kind: 'restore-file', path, backup: {state: 'link', target: found.target}}] : []
  })
}

/** Whether systemd has to be told when this file changes. */
export function isUnitFile(path: string): boolean {
  return /^\/(?:etc|run|usr\/lib|lib|usr\/local\/lib)\/systemd\/system\//.test(path)
}
