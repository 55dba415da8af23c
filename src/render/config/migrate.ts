// SPDX-License-Identifier: Apache-2.0
import {createTwoFilesPatch} from 'diff'
import {visible} from '../visible.ts'

interface Migrated {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly before: string
  readonly after: string
  readonly notes: readonly {readonly level: 'changed' | 'dropped' | 'check'; readonly text: string}[]
}

/** What a comparison may cost, in edits. */
const MOST_EDITS = 10_000

/** All changed files as one patch, which `patch` and `git apply` take. Texts of files come as they are but for what fools a terminal. */
export function migrationDiff(files: readonly Migrated[]): string {
  return files.filter(({before, after}) => before !== after).map(({path, before, after}) => {
    const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, {context: 3, maxEditLength: MOST_EDITS})
    if (patch === undefined) return `${visible(path)}: too much has changed to be shown\n`
    return patch.slice(patch.indexOf('--- ')).split('\n').map((line) => visible(line).replaceAll(String.raw`\t`, '\t').replace(/\\r$/, '')).join('\n')
  }).join('')
}

/** What a migration did, file by file: for standard error, beside the file itself. */
export function migrationNotes(files: readonly Migrated[]): string {
  return files.flatMap(({path, from, to, notes}) => [
    from === to ? `${visible(path)} is of version ${to} already.` : `${visible(path)}: version ${from} → ${to}`,
    ...notes.map(({level, text}) => `  ${level}: ${visible(text)}`),
  ]).map((line) => `${line}\n`).join('')
}
