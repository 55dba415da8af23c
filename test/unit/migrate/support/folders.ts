// SPDX-License-Identifier: Apache-2.0
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeNode} from './sim.ts'

const folders: string[] = []

/** A node in a folder of its own; in memory where there is such a file system, as every step waits for the disk several times. */
export function newNode(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rtctl-node-'))
  folders.push(folder)
  makeNode(folder)
  return folder
}

export function removeNodes(): void {
  for (const folder of folders.splice(0)) rmSync(folder, {recursive: true, force: true})
}
