// SPDX-License-Identifier: Apache-2.0
import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import type {LiveHost} from '../host/live-host.ts'
import {openLiveHost} from '../host/live-host.ts'
import type {Host} from '../model/host.ts'
import {UserError} from '../model/user-error.ts'

/** Flags of a command that reads a host as it is now. */
export const liveHostFlags = {
  root: Flags.string({
    helpValue: 'DIR',
    summary: 'Read the host whose root directory is mounted at DIR.',
    description: 'For a container that has the host at /host, say. Symbolic links are resolved inside DIR.',
  }),
  proc: Flags.string({
    helpValue: 'DIR',
    summary: 'Read processes from the procfs at DIR.',
    description: 'By default the folder proc of the root directory.',
  }),
  timeout: Flags.integer({
    helpValue: 'SECONDS',
    summary: 'How long to wait for each answer of a daemon.',
    default: 2,
    min: 1,
    max: 600,
  }),
}

/** Flags of a command that reads a host as it is now, or as it was recorded. */
export const hostFlags = {
  ...liveHostFlags,
  from: Flags.string({
    helpValue: 'FILE',
    summary: 'Read a snapshot that `rtctl snapshot` wrote, instead of this machine.',
    exclusive: ['root', 'proc'],
  }),
}

export interface LiveHostFlags {
  readonly root?: string | undefined
  readonly proc?: string | undefined
  /** seconds */
  readonly timeout: number
}

export interface HostFlags extends LiveHostFlags {
  readonly from?: string | undefined
}

/**
 * The host that the flags name.
 *
 * @throws UserError where a directory is not there, holds no procfs, or a snapshot cannot be read
 */
export async function openHost(flags: HostFlags): Promise<Host> {
  if (flags.from === undefined) return openLive(flags)
  // Loaded here: the hashes of snapshots take longer to load than everything else of a host, and a live one needs none.
  const {readSnapshot} = await import('../host/snapshot-file.ts')
  const {replaySnapshot} = await import('../host/snapshot-host.ts')
  return replaySnapshot(flags.from, readSnapshot(flags.from).records)
}

/** The host that the flags name, which must be one that can be read now. */
export function openLive({root, proc, timeout}: LiveHostFlags): LiveHost {
  if (root !== undefined && !isDirectory(root)) {
    throw new UserError(`--root: there is no directory ${root}`, 'Give the directory where the root of the host is mounted.')
  }
  // Without any of the flags, a system that has no procfs at all is no mistake of the user.
  if (root !== undefined || proc !== undefined || process.platform === 'linux') checkProcfs(proc ?? join(root ?? '/', 'proc'), proc !== undefined)
  return openLiveHost({...(root !== undefined && {root}), ...(proc !== undefined && {proc}), askTimeoutMs: timeout * 1000})
}

function checkProcfs(directory: string, told: boolean): void {
  if (holdsProcesses(directory)) return
  const next = told
    ? 'Give the directory where a procfs is mounted, such as /proc.'
    : 'Mount it there, or tell where it is with --proc: `--proc /proc` in a container with the pid namespace of the host.'
  throw new UserError(`There is no procfs in ${directory}`, next)
}

function isDirectory(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false
}

function holdsProcesses(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => /^\d+$/.test(name))
  } catch {
    return false
  }
}
