// SPDX-License-Identifier: Apache-2.0
import {dirname} from 'node:path'
import type {FileBackup} from '../../model/migration/plan.ts'
import type {ActionOf, Handler} from '../handler.ts'
import {sha256} from '../journal.ts'
import type {Files, Found} from '../machine.ts'
import {relabel} from '../relabel.ts'
import {isUnitFile} from '../units.ts'

type WriteFile = ActionOf<'write-file'>

export const writeFile: Handler<'write-file'> = {
  undo(action, {files}, {backup}) {
    const path = files.resolve(action.path)
    mustBeAsPlanned(action, files.look(path))
    const restore = {kind: 'restore-file', path, backup: withFolders(backup.keep(path), files, path)} as const
    return isUnitFile(path) ? [restore, {kind: 'reload-units'}] : [restore]
  },
  async perform(action, machine) {
    const {files} = machine
    const path = files.resolve(action.path)
    const found = files.look(path)
    if (isDone(action, found)) return undefined
    mustBeAsPlanned(action, found)
    if (action.text === undefined) {
      files.remove(path)
      return undefined
    }
    files.makeFolder(dirname(path))
    const {mode, uid, gid} = found.type === 'file' ? found : {mode: action.mode}
    files.replace(path, Buffer.from(action.text), {mode, ...(uid !== undefined && gid !== undefined && {uid, gid})})
    await relabel(machine, path)
    return path === action.path ? undefined : `through the link to ${path}`
  },
  verify(action, {files}) {
    if (!isDone(action, files.look(files.resolve(action.path)))) throw new Error(`${action.path} is not what was written: something else changes it.`)
  },
}

function isDone({text}: WriteFile, found: Found): boolean {
  if (text === undefined) return found.type === 'absent'
  return found.type === 'file' && found.bytes.equals(Buffer.from(text))
}

/** @throws where the file was changed since the plan was made */
function mustBeAsPlanned(action: WriteFile, found: Found): void {
  const {path, before} = action
  if (isDone(action, found)) return
  if (found.type !== 'file' && found.type !== 'absent') throw new Error(`${path} is no regular file.`)
  const same = before === 'absent' ? found.type === 'absent' : found.type === 'file' && sha256(found.bytes) === before.sha256.replace(/^sha256:/, '')
  if (same) return
  throw new Error(`${path} was changed since the plan was made. Make the plan again, and look at what it would do to this file.`)
}

function withFolders(backup: FileBackup, files: Files, path: string): FileBackup {
  if (backup.state !== 'absent') return backup
  const folders: string[] = []
  for (let folder = dirname(path); files.look(folder).type === 'absent'; folder = dirname(folder)) folders.unshift(folder)
  return folders.length === 0 ? backup : {state: 'absent', folders}
}
