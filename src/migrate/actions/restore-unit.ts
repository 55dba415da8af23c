// SPDX-License-Identifier: Apache-2.0
import {type ActionOf, type Handler, nothingToUndo} from '../handler.ts'
import type {Files, Machine} from '../machine.ts'
import {changeUnit, mustBeStopped, mustStayActive, readUnit, type Unit} from '../units.ts'

type RestoreUnit = ActionOf<'restore-unit'>

export const restoreUnit: Handler<'restore-unit'> = {
  undo: nothingToUndo,
  async perform(action, machine, {plan}) {
    const {unit, state, restart} = action
    const present = await readUnit(machine, unit)
    if (!present.known) {
      if (state.active || state.enablement !== undefined) throw new Error(`There is no unit ${unit} any more.`)
      return undefined
    }
    if (!state.active && present.active) await changeUnit(machine, 'stop', unit)
    await restoreEnablement(action, machine, present)
    if (!state.active) return undefined
    clearSocket(machine.files, plan.from.dockerSocket)
    if (present.active && restart === true) await changeUnit(machine, 'restart', unit)
    else if (!present.active) await changeUnit(machine, 'start', unit)
    return undefined
  },
  async verify({unit, state}, machine) {
    const {enablement} = await readUnit(machine, unit)
    if (enablement !== state.enablement && state.enablement !== undefined) throw new Error(`${unit} is ${enablement ?? 'not there'}, and was ${state.enablement}.`)
    await (state.active ? mustStayActive(machine, unit) : mustBeStopped(machine, unit))
  },
}

/** Where nobody listens any more, a pod that mounts the socket gets a folder made in its place, and docker.socket cannot listen there again. */
function clearSocket(files: Files, socket: string | undefined): void {
  if (socket !== undefined && files.look(socket).type === 'directory') files.removeFolder(socket)
}

/** Enables, disables, masks or unmasks a unit as it was. */
export async function restoreEnablement({unit, state: {enablement: wanted = 'disabled'}}: RestoreUnit, machine: Machine, {enablement = ''}: Pick<Unit, 'enablement'>): Promise<void> {
  // A power cut may have come between the links of /etc/rc?.d and systemd's own: `enable` makes both again.
  if (enablement === wanted && !(wanted === 'enabled' && hasInitScript(unit, machine.files))) return
  if (enablement.startsWith('masked')) await changeUnit(machine, 'unmask', unit)
  const runtime = wanted.endsWith('-runtime') ? ['--runtime'] : []
  if (wanted.startsWith('masked')) await changeUnit(machine, 'mask', unit, runtime)
  else if (wanted.startsWith('enabled')) await changeUnit(machine, 'enable', unit, runtime)
  else if (enablement.startsWith('enabled')) await changeUnit(machine, 'disable', unit)
}

/** Then `systemctl enable` and `disable` change the links of System V as well, by systemd-sysv-install. */
function hasInitScript(unit: string, files: Files): boolean {
  return unit.endsWith('.service') && files.look(`/etc/init.d/${unit.slice(0, -'.service'.length)}`).type === 'file'
}
