// SPDX-License-Identifier: Apache-2.0
import {structuredPatch} from 'diff'
import type {FileChange} from '../../model/migration/plan.ts'

/** A line of a diff: `+` new, `-` gone, ` ` for context, `@` between two places. */
export interface DiffLine {
  readonly mark: '+' | '-' | ' ' | '@'
  readonly text: string
}

const CONTEXT = 2
/** What a comparison may cost, in edits: beyond it the file is shown as replaced. */
const MOST_EDITS = 1000

/** The difference of a file as lines, without the heads that name it. A text without a line feed at its end is told by `\ No newline`. */
export function diffOf({path, before = '', text = ''}: FileChange): readonly DiffLine[] {
  const patch = structuredPatch(path, path, before, text, undefined, undefined, {context: CONTEXT, maxEditLength: MOST_EDITS})
  if (patch === undefined) return [...replaced('-', before), ...replaced('+', text)]
  return patch.hunks.flatMap(({oldStart, newStart, lines}, index): readonly DiffLine[] => [
    ...(index === 0 && oldStart <= 1 && newStart <= 1 ? [] : [{mark: '@', text: `line ${newStart}`} as const]),
    ...lines.map(lineOf),
  ])
}

function lineOf(line: string): DiffLine {
  const mark = line.charAt(0)
  return mark === '+' || mark === '-' ? {mark, text: line.slice(1)} : {mark: ' ', text: mark === '\\' ? line : line.slice(1)}
}

function replaced(mark: '+' | '-', text: string): readonly DiffLine[] {
  const lines = text.split('\n')
  return (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((each) => ({mark, text: each}))
}
