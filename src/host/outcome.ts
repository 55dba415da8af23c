// SPDX-License-Identifier: Apache-2.0
import {CannotAsk} from '../model/host.ts'
import type {Observed} from '../model/observed.ts'
import {absent, unreadable} from '../model/observed.ts'

/** Longest explanation that is kept: an error message can carry a whole answer. */
const DETAIL_LENGTH = 500

/**
 * What a failed system call says about a file. ESRCH is what procfs gives for a process that has gone
 * (fs/proc/base.c); EPERM comes from security modules. Details never carry a path of this machine.
 */
export function failedRead(source: string, error: unknown): Observed<never> {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return absent(source)
  if (code === 'EACCES' || code === 'EPERM') return unreadable(source, 'EACCES')
  return unreadable(source, 'EIO', code ?? messageOf(error))
}

/** What a question that was not answered says: the reason its asker gave, else `EIO` with the message. */
export function failedAsk(source: string, error: unknown): Observed<never> {
  if (!(error instanceof CannotAsk)) return unreadable(source, 'EIO', messageOf(error))
  if (error.reason === 'absent') return absent(source)
  return unreadable(source, error.reason, messageOf(error))
}

/** The outcome for something that is no path. It is the same live, recorded and replayed. */
export function notAPath(path: string): Observed<never> {
  return unreadable(path, 'malformed', 'not an absolute path')
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, DETAIL_LENGTH)
}
