// SPDX-License-Identifier: Apache-2.0
import {dirname} from 'node:path'
import {type ActionOf, type Handler, nothingToUndo} from '../handler.ts'
import {sha256} from '../journal.ts'
import type {Files, Found} from '../machine.ts'
import {relabel} from '../relabel.ts'

type RestoreFile = ActionOf<'restore-file'>

export const restoreFile: Handler<'restore-file'> = {
  undo: nothingToUndo,
  async perform(action, machine, context) {
    const {files} = machine
    const {path, backup} = action
    const found = files.look(path)
    if (isRestored(action, found)) return removeFolders(files, action)
    const note = keepForeign(action, found, context)
    if (backup.state === 'absent') files.remove(path)
    else {
      files.makeFolder(dirname(path))
      if (backup.state === 'link') files.replaceLink(path, backup.target)
      else {
        const {mode, uid, gid, mtimeMs} = backup
        files.replace(path, context.backup.bytes(backup), {mode, uid, gid, mtimeMs})
        await relabel(machine, path)
      }
    }
    removeFolders(files, action)
    return note
  },
  verify(action, {files}) {
    if (!isRestored(action, files.look(action.path))) throw new Error(`${action.path} is not as it was: something else changes it.`)
  },
}

/** mtimes are kept to the microsecond. */
function isRestored({backup}: RestoreFile, found: Found): boolean {
  if (backup.state === 'absent') return found.type === 'absent'
  if (backup.state === 'link') return found.type === 'link' && found.target === backup.target
  return found.type === 'file' && sha256(found.bytes) === backup.sha256 && found.mode === backup.mode && found.uid === backup.uid && found.gid === backup.gid
    && Math.abs(found.mtimeMs - backup.mtimeMs) < 0.002
}

function removeFolders(files: Files, {backup}: RestoreFile): undefined {
  if (backup.state !== 'absent') return
  for (const folder of (backup.folders ?? []).toReversed()) if (!files.removeFolder(folder)) return
}

/** What somebody wrote into the file after the migration is not thrown away. */
function keepForeign({path}: RestoreFile, found: Found, {plan, backup}: Parameters<typeof restoreFile.perform>[2]): string | undefined {
  if (found.type !== 'file') return undefined
  const isOurs = plan.steps.some(({action}) => action.kind === 'write-file' && action.text !== undefined && found.bytes.equals(Buffer.from(action.text)))
  if (isOurs) return undefined
  const kept = backup.keep(path)
  return kept.state === 'file' ? `${path} had been changed since: that text is backup/${kept.copy}` : undefined
}
