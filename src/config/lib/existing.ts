// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile, TargetFiles} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'
import type {UnreadableReason} from '../../model/observed.ts'

/** A file of the node as a generator finds it. */
export type Existing =
  | {readonly state: 'ok'; readonly text: string; readonly mode: number}
  | {readonly state: 'absent'}
  | {readonly state: 'unreadable'; readonly reason: UnreadableReason; readonly detail?: string}

/** The file at `path`. One that nobody read counts as unreadable: that it is not there is not known. */
export function existingAt({files}: TargetFiles, path: string): Existing {
  const found = Object.hasOwn(files, path) ? files[path] : undefined
  if (found === undefined) return {state: 'unreadable', reason: 'not-captured'}
  if (found.state === 'ok') return {state: 'ok', text: found.value.text, mode: found.value.mode}
  if (found.state === 'absent') return {state: 'absent'}
  return {state: 'unreadable', reason: found.reason, ...(found.detail !== undefined && {detail: found.detail})}
}

/** The paths that a pattern matched, sorted by their bytes as Go and systemd sort; a remark where the folder could not be read. */
export function matchesOf({matches}: TargetFiles, pattern: string): {readonly paths: readonly string[]; readonly remarks: readonly Remark[]} {
  const found = Object.hasOwn(matches, pattern) ? matches[pattern] : undefined
  if (found?.state === 'ok') return {paths: [...found.value].sort(), remarks: []}
  if (found?.state === 'absent') return {paths: [], remarks: []}
  return {paths: [], remarks: [unreadableRemark(pattern, {reason: found?.reason ?? 'not-captured', ...(found?.detail !== undefined && {detail: found.detail})})]}
}

/** What could not be read cannot be changed safely. */
export function unreadableRemark(path: string, {reason, detail}: {readonly reason: UnreadableReason; readonly detail?: string}): Remark {
  const why = detail === undefined ? reason : `${reason}: ${detail}`
  return {
    level: 'blocker',
    text: `${path} could not be read (${why}), so what it says is not known and nothing is written there`,
    next: 'Run rtctl as root on the node itself, or make the path readable, and plan again.',
    source: path,
  }
}

/** A file of the whole text given, unless it is there with that text already. A file that is there keeps its mode. */
export function fileUnlessSame(existing: Existing, file: GeneratedFile): readonly GeneratedFile[] {
  if (existing.state !== 'ok') return file.text === undefined ? [] : [file]
  return existing.text === file.text ? [] : [{...file, mode: existing.mode}]
}
