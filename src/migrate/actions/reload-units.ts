// SPDX-License-Identifier: Apache-2.0
import {type Handler, nothingToUndo} from '../handler.ts'

/** Files of units tell systemd themselves when they are put back. */
export const reloadUnits: Handler<'reload-units'> = {
  undo: nothingToUndo,
  async perform(_, machine) {
    await machine.run('systemctl', ['daemon-reload'], {timeoutMs: 120_000})
    return undefined
  },
}
