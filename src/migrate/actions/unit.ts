// SPDX-License-Identifier: Apache-2.0
import type {Action, UnitState} from '../../model/migration/plan.ts'
import type {ActionOf, Context, Handler} from '../handler.ts'
import {type Machine, ProgramFailed} from '../machine.ts'
import {activeDependents, changeUnit, isWatched, linksOf, mustBeStopped, mustStayActive, readUnit, stateOfUnit, type Unit} from '../units.ts'

type UnitAction = ActionOf<'unit'>

export const unit: Handler<'unit'> = {
  async undo(action, machine, context) {
    const state = stateBefore(action, context) ?? stateOfUnit(await readUnit(machine, action.unit))
    // One that ran before reads its files again when they are back.
    const restart = state.active && (action.active === 'restarted' || action.active === 'started')
    const restore: Action = {kind: 'restore-unit', unit: action.unit, state, ...(restart && {restart})}
    const dependents = state.active && action.active === 'stopped' ? await restoreOf(machine, await activeDependents(machine, action.unit)) : []
    const isLinked = action.enabled !== undefined || action.masked !== undefined
    const links: readonly Action[] = isLinked ? [...linksOf(machine.files, action.unit), {kind: 'reload-units'}] : []
    return [restore, ...links, ...dependents]
  },
  async perform(action, machine, {again}) {
    const present = await readUnit(machine, action.unit)
    if (!present.known && (action.active === 'stopped' || action.active === undefined) && action.enabled !== true) return 'there is no such unit'
    await unmask(action, machine, present)
    await enable(action, machine, present)
    await activate(action, machine, present, again)
    return action.masked === true && !isMasked(present) ? mask(action, machine) : undefined
  },
  async verify(action, machine, {plan}) {
    if (action.active === 'stopped') await mustBeStopped(machine, action.unit)
    else if (action.active !== undefined) await mustStayActive(machine, action.unit, isWatched(plan, action))
  },
}

/** docker.service ends with docker.socket: what the first step about a unit has to bring back is what it was before all steps. */
function stateBefore({unit: name}: UnitAction, {entries, plan}: Context): UnitState | undefined {
  const [begin] = entries
  const begun = new Set(entries.flatMap((entry) => (entry.kind === 'intent' ? [entry.step] : [])))
  const isFirst = !plan.steps.some(({id, action}) => begun.has(id) && action.kind === 'unit' && action.unit === name)
  return isFirst && begin?.kind === 'begin' && Object.hasOwn(begin.units, name) ? begin.units[name] : undefined
}

async function restoreOf(machine: Machine, units: readonly string[]): Promise<readonly Action[]> {
  const states = await Promise.all(units.map(async (name) => ({name, state: stateOfUnit(await readUnit(machine, name))})))
  return states.map(({name, state}) => ({kind: 'restore-unit', unit: name, state}))
}

function isMasked({enablement}: Unit): boolean {
  return enablement?.startsWith('masked') === true
}

async function unmask({unit: name, active, enabled, masked}: UnitAction, machine: Machine, present: Unit): Promise<void> {
  const isNeeded = masked === false || (masked === undefined && (enabled === true || active === 'started' || active === 'restarted'))
  if (isNeeded && isMasked(present)) await changeUnit(machine, 'unmask', name)
}

async function enable({unit: name, enabled}: UnitAction, machine: Machine, {enablement}: Unit): Promise<void> {
  if (enabled === true && enablement !== 'enabled') await changeUnit(machine, 'enable', name)
  if (enabled === false && enablement?.startsWith('enabled') === true) await changeUnit(machine, 'disable', name)
}

async function activate({unit: name, active}: UnitAction, machine: Machine, present: Unit, again: boolean): Promise<void> {
  if (active === 'stopped' && present.activeState !== 'inactive') await changeUnit(machine, 'stop', name)
  const isRestart = active === 'restarted' && present.active && !again
  if (isRestart) await changeUnit(machine, 'restart', name)
  else if (active === 'started' || active === 'restarted') await changeUnit(machine, 'start', name)
}

/** A unit file that an administrator put into /etc is in the place of the link that masks. */
async function mask({unit: name}: UnitAction, machine: Machine): Promise<string | undefined> {
  try {
    await changeUnit(machine, 'mask', name)
    return undefined
  } catch (error) {
    const {cause} = error as Error
    if (!(cause instanceof ProgramFailed) || !cause.stderr.includes('already exists')) throw error
    return `not masked, only stopped: its unit file lies in /etc/systemd/system`
  }
}
