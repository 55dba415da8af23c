// SPDX-License-Identifier: Apache-2.0
import type {ActionOf, Handler} from '../handler.ts'
import {nothingToUndo} from '../handler.ts'
import type {Files, Machine} from '../machine.ts'

/** All of it leads nowhere: there is nothing to bring back. */
export const clearPath: Handler<'clear-path'> = {
  undo: nothingToUndo,
  async perform(action, machine) {
    switch (action.only) {
      case 'socket':
        return clearSocket(action, machine)
      case 'empty-directory':
        return clearFolder(action, machine.files)
      case 'dangling-links-below':
        return clearLinks(action, machine.files)
    }
  },
}

type ClearPath = ActionOf<'clear-path'>

async function clearSocket({path}: ClearPath, machine: Machine): Promise<string | undefined> {
  if (machine.files.look(path).type !== 'socket') return 'there is no socket'
  if (await machine.listens(path)) return 'somebody listens there: it is left'
  machine.files.remove(path)
  return undefined
}

function clearFolder({path}: ClearPath, files: Files): string | undefined {
  if (files.look(path).type !== 'directory') return 'there is no folder'
  return files.removeFolder(path) ? undefined : 'it is not empty: it is left'
}

/** Two levels below, as deep as /var/log/pods/POD/CONTAINER has links. */
const DEPTH = 3

function clearLinks({path}: ClearPath, files: Files): string {
  let count = 0
  const visit = (folder: string, depth: number): void => {
    for (const name of files.list(folder) ?? []) {
      const inside = `${folder}/${name}`
      const {type} = files.look(inside)
      if (type === 'directory' && depth < DEPTH) visit(inside, depth + 1)
      if (type !== 'link' || !files.dangles(inside)) continue
      files.remove(inside)
      count++
    }
  }
  if (files.look(path).type === 'directory') visit(path, 1)
  return `${count} links`
}
