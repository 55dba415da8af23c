// SPDX-License-Identifier: Apache-2.0

/** Why something that may be there could not be looked at. */
export type UnreadableReason =
  /** the system refused: not root, or a confined mount */
  | 'EACCES'
  /** the read failed, or the daemon answered with an error */
  | 'EIO'
  /** the daemon did not answer in time */
  | 'timeout'
  /** larger than rtctl is willing to read */
  | 'too-large'
  /** read, but not understood */
  | 'malformed'
  /** this machine has no means to look (no procfs, no `ss`) */
  | 'unsupported'
  /** replaying a snapshot that did not record it */
  | 'not-captured'

/**
 * What a probe saw. "Could not look" is never "not there".
 * `source` names where it looked: a path, a socket, a command.
 */
export type Observed<T> =
  | {readonly state: 'ok'; readonly value: T; readonly source: string}
  | {readonly state: 'absent'; readonly source: string}
  | {readonly state: 'unreadable'; readonly source: string; readonly reason: UnreadableReason; readonly detail?: string}

export function ok<T>(value: T, source: string): Observed<T> {
  return {state: 'ok', value, source}
}

export function absent(source: string): Observed<never> {
  return {state: 'absent', source}
}

export function unreadable(source: string, reason: UnreadableReason, detail?: string): Observed<never> {
  return detail === undefined ? {state: 'unreadable', source, reason} : {state: 'unreadable', source, reason, detail}
}

/** Applies `change` to an observed value; a parser that throws makes it `malformed`, with what it said. */
export function mapObserved<T, U>(observed: Observed<T>, change: (value: T) => U): Observed<U> {
  if (observed.state !== 'ok') return observed
  try {
    return ok(change(observed.value), observed.source)
  } catch (error) {
    return unreadable(observed.source, 'malformed', error instanceof Error ? error.message : String(error))
  }
}

/** The value, or undefined where it is absent or unreadable. Only where that difference does not matter. */
export function valueOf<T>(observed: Observed<T> | undefined): T | undefined {
  return observed?.state === 'ok' ? observed.value : undefined
}
