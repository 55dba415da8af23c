// SPDX-License-Identifier: Apache-2.0
import type {BigIntStats} from 'node:fs'
import {lstatSync, readdirSync} from 'node:fs'
import {basename, dirname, extname, isAbsolute, join, normalize} from 'node:path'
import {UserError} from '../model/user-error.ts'

/** What the kubelet (`20260102-150405`) and docker (`1`) add to the name of a log they rotate; compressed ones are not read. */
const ROTATED = /^(?:\d{8}-\d{6}|\d{1,4})$/

/**
 * The files that a container's log consists of: itself, if it is there, and everything beside it that is named like it
 * with something added (`0.log.20260102-150405`, `0.log.20260102-150405.gz`, `x-json.log.1`). This is what crictl
 * removes with a container (cmd/crictl/container.go). Only files and links are named, never directories; a `*` or `[` in
 * the path means itself.
 *
 * @throws UserError when the path is not absolute, or names a directory that cannot be listed
 */
export function filesOfLog(path: string): readonly string[] {
  if (!isAbsolute(path) || normalize(path) !== path || path.endsWith('/')) {
    throw new UserError(`${path === '' ? 'an empty path' : path} is no path of a log.`, 'The runtime told it; look with `rtctl cri inspect` (logPath).')
  }
  const name = basename(path)
  return namesIn(dirname(path))
    .filter((other) => other === name || other.startsWith(`${name}.`))
    .map((other) => join(dirname(path), other))
    .filter((other) => isRemovable(other))
    .toSorted()
}

function isRemovable(path: string): boolean {
  const stats = lstatSync(path, {throwIfNoEntry: false})
  return stats !== undefined && (stats.isFile() || stats.isSymbolicLink())
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new UserError(`The logs in ${directory} cannot be listed: ${message}.`, code === 'EACCES' ? 'Run it as root.' : 'Look at it with `ls -ld`.')
  }
}

/**
 * The log of the attempt before: the kubelet names logs by the number of the attempt (`…/app/1.log` → `…/app/0.log`).
 *
 * @returns undefined when there was no attempt before
 */
export function previousLog(path: string, attempt: number): string | undefined {
  return attempt > 0 ? join(dirname(path), `${attempt - 1}${extname(path)}`) : undefined
}

/**
 * Files that stood at a log's path after one that was read, and have been rotated away since, the oldest first. They
 * are told by their last change, which a rename keeps: names count up in one scheme and down in the other.
 *
 * @param path of the log, with no links in it
 * @param read the file that was read to its end
 */
export function rotatedAfter(path: string, read: BigIntStats, current: BigIntStats | undefined): readonly string[] {
  const prefix = `${basename(path)}.`
  return namesIn(dirname(path))
    .filter((name) => name.startsWith(prefix) && ROTATED.test(name.slice(prefix.length)))
    .map((name) => ({path: join(dirname(path), name), stats: lstatSync(join(dirname(path), name), {bigint: true, throwIfNoEntry: false})}))
    .filter((file): file is {path: string; stats: BigIntStats} => file.stats?.isFile() === true)
    .filter(({stats}) => stats.mtimeNs > read.mtimeNs && stats.ino !== read.ino && stats.ino !== current?.ino)
    .toSorted((a, b) => (a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1))
    .map((file) => file.path)
}
