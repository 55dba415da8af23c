// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import type {Plan} from '../model/migration/plan.ts'

/** Says when a plan was made and by whom, or is an estimate: two plans that differ in these alone are the same. */
const NOT_PART: readonly (keyof Plan)[] = ['made', 'rtctl', 'interruptions', 'fingerprint']

/**
 * `sha256:…` of a plan as canonical JSON without secrets: a plan that was made through a redacting host has the same as one that was not.
 *
 * @param redact takes secrets out of plain JSON that nobody else holds
 */
export function fingerprintOf(plan: Omit<Plan, 'fingerprint'>, redact: (value: unknown) => unknown): string {
  const part = Object.fromEntries(Object.entries(plan).filter(([key]) => !(NOT_PART as readonly string[]).includes(key)))
  // A copy: what is redacted is changed in place, and the plan still has to be carried out.
  return `sha256:${hash('sha256', canonical(redact(JSON.parse(JSON.stringify(part, withoutHashes)))))}`
}

/** A hash of a file with a secret tells the two kinds of plans apart; what the file holds is among `files` anyway. */
function withoutHashes(key: string, value: unknown): unknown {
  return key === 'before' && typeof value === 'object' && value !== null && 'sha256' in value ? 'present' : value
}

/** JSON with the members of objects sorted by name, without blanks. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
