// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../../model/user-error.ts'

const NEXT = 'docs/cri-templates.md says what templates can do.'

/** A template that means nothing: exit status 2. */
export function templateError(text: string, offset: number, reason: string): UserError {
  return new UserError(`--template, ${positionOf(text, offset)}: ${reason}.`, NEXT)
}

/** A template that does not fit the data: exit status 1, as crictl's. */
export function executionError(text: string, offset: number, reason: string): UserError {
  return new UserError(`--template, ${positionOf(text, offset)}: ${reason}.`, `${NEXT} -o json shows the data.`, 1)
}

function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
