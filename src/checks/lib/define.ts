// SPDX-License-Identifier: Apache-2.0
import type {Known, NodeCheck, NodeContext, ObjectCheck, Outcome, PodCheck, Problem, TextCheck, Unknown} from '../../model/check.ts'
import type {NodeFacts} from '../../model/node-facts.ts'
import type {Observed} from '../../model/observed.ts'

type KnownFacts<Name extends keyof NodeFacts> = {readonly [Key in Name]: Known<NodeFacts[Key]>}

/** A check of a node. `run` gets what `needs` names, unwrapped: undefined where the host has no such thing. */
export function nodeCheck<const Names extends readonly (keyof NodeFacts)[]>(
  check: Omit<NodeCheck, 'looksAt' | 'needs' | 'run'> & {
    readonly needs: Names
    run(known: KnownFacts<Names[number]>, node: NodeContext): readonly Outcome[]
  },
): NodeCheck {
  return {looksAt: 'node', ...check}
}

/** A check of every pod template. */
export function podCheck(check: Omit<PodCheck, 'looksAt'>): PodCheck {
  return {looksAt: 'pod', ...check}
}

/** A check of objects by kind. */
export function objectCheck(check: Omit<ObjectCheck, 'looksAt'>): ObjectCheck {
  return {looksAt: 'object', ...check}
}

/** A check of texts. */
export function textCheck(check: Omit<TextCheck, 'looksAt'>): TextCheck {
  return {looksAt: 'text', ...check}
}

/** Something is wrong, see {@link Problem}. */
export function problem(key: string, text: string, more: Partial<Omit<Problem, 'state' | 'key' | 'text'>> = {}): Problem {
  return {state: 'problem', key, text, evidence: [], ...more}
}

/** The check cannot tell, as something could not be read. */
export function unknown(source: string, reason: string): Unknown {
  return {state: 'unknown', source, reason}
}

const REASONS = {
  EACCES: 'permission denied', EIO: 'cannot be read', timeout: 'no answer in time', 'too-large': 'too large to read', malformed: 'not understood',
  unsupported: 'cannot be known here', 'not-captured': 'not in the snapshot',
} as const

/** What keeps a check from telling: an observed value that is there but unreadable. Empty for what could be read, or is not there. */
export function unreadableOf(observed: Observed<unknown>): readonly Unknown[] {
  if (observed.state !== 'unreadable') return []
  const reason = REASONS[observed.reason]
  return [unknown(observed.source, observed.detail === undefined ? reason : `${reason}: ${observed.detail}`)]
}
