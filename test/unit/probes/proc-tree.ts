// SPDX-License-Identifier: Apache-2.0
import {chmodSync} from 'node:fs'
import {join} from 'node:path'

export {procFiles, type ProcExtras} from '../../support/proc-files.ts'

/** Runs without privilege on a tree where these paths may not be read: file modes stop no root. A mode of 0o444 lists a folder whose links are refused. */
export function withoutAccess<T>({directory}: {readonly directory: string}, modes: Readonly<Record<string, number>>, act: () => T): T {
  const root = process.getuid?.() === 0
  chmodSync(directory, 0o755)
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(directory, path), mode)
  if (root) process.seteuid?.(65_534)
  const restore = () => {
    if (root) process.seteuid?.(0)
    for (const path of Object.keys(modes)) chmodSync(join(directory, path), 0o755)
  }
  let result: T
  try {
    result = act()
  } catch (error) {
    restore()
    throw error
  }
  if (result instanceof Promise) return result.finally(restore) as T
  restore()
  return result
}
