// SPDX-License-Identifier: Apache-2.0
import {findComponent} from '../components/find.ts'
import {components} from '../components/index.ts'
import type {Check} from '../model/check.ts'
import type {Component} from '../model/component.ts'
import {UserError} from '../model/user-error.ts'

/** The whole glossary: every component, tool and term, in order of name. */
export function glossary(): readonly Component[] {
  return components
}

/**
 * What a term stands for.
 *
 * @param nearest picks, of the known words, those that the user may have meant, best first
 * @throws {UserError} naming what is near, when the glossary does not have it
 */
export function explain(
  term: string,
  nearest: (typed: string, known: readonly string[]) => readonly string[],
): Component {
  const found = findComponent(term, nearest)
  if ('match' in found) return found.match
  const meant = found.near.map((name) => `\`rtctl explain ${quoted(name)}\``)
  throw new UserError(
    `The glossary has no \`${term}\`.`,
    meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : 'See `rtctl explain` for all it has.',
  )
}

/** The check of this id; undefined where there is none. The checks are loaded only for that. */
export async function findCheck(id: string): Promise<Check | undefined> {
  const {checks} = await import('../checks/index.ts')
  return checks.find((check) => check.id === id)
}

/** A check as JSON: its texts, without what it does. */
export function checkDocument({id, severity, title, why, fix, learnMore, looksAt, unproven}: Check): unknown {
  return {id, severity, title, why, fix, learnMore, looksAt, ...(unproven !== undefined && {unproven})}
}

function quoted(name: string): string {
  return name.includes(' ') ? `"${name}"` : name
}
