// SPDX-License-Identifier: Apache-2.0
import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {HostSource} from '../../app/preflight/run-preflight.ts'
import {UserError} from '../../model/user-error.ts'
import {type LiveHostFlags, openHost, openLive} from '../host-flags.ts'

/** This host, or the one whose root is mounted where `--root` says; opened anew at each look. */
export function liveSource(flags: LiveHostFlags): HostSource {
  const source = flags.root === undefined ? 'this host' : `the host at ${flags.root}`
  return {source, open: async () => openLive(flags)}
}

/**
 * The snapshots that `--from` names: files, and the `.jsonl` files of folders, in order of name.
 *
 * @throws UserError where one names nothing, or a folder has no snapshot
 */
export function snapshotSources(given: readonly string[], timeout: number): readonly HostSource[] {
  const files = [...new Set(given.flatMap(snapshotFiles))]
  return files.map((file) => ({source: file, open: () => openHost({from: file, timeout})}))
}

function snapshotFiles(path: string): readonly string[] {
  const stat = statSync(path, {throwIfNoEntry: false})
  if (!stat?.isDirectory()) return [path]
  const found = readdirSync(path).filter((name) => name.endsWith('.jsonl')).sort().map((name) => join(path, name))
  if (found.length === 0) throw new UserError(`There is no snapshot in ${path}`, 'Snapshots are files that end in .jsonl: `rtctl snapshot` writes them.')
  return found
}
