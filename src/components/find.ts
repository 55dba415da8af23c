// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../model/component.ts'
import {components} from './index.ts'

/** Every name and alias, folded, with the component it means. Names go before aliases. */
const TERMS = termsOfAll()

/**
 * The component that a word means: by name or alias, in any case, with spaces, dashes, dots and underscores alike.
 *
 * @param nearest picks, of the known words, those that the user may have meant, best first
 * @returns the match, or the names of the components that were near
 */
export function findComponent(
  term: string,
  nearest: (typed: string, known: readonly string[]) => readonly string[] = () => [],
): {readonly match: Component} | {readonly near: readonly string[]} {
  const folded = fold(term)
  const match = TERMS.get(folded)
  if (match) return {match}
  const near = nearest(folded, [...TERMS.keys()]).map((word) => TERMS.get(word)?.name ?? word)
  return {near: [...new Set(near)]}
}

/** What two spellings of one name have in common: `Docker-Compose`, `docker compose` → `docker compose`. */
function fold(term: string): string {
  return term.trim().toLowerCase().replace(/[\s_.-]+/g, ' ')
}

function termsOfAll(): ReadonlyMap<string, Component> {
  const terms = new Map<string, Component>()
  for (const component of components) terms.set(fold(component.name), component)
  for (const component of components) {
    for (const alias of component.aliases) if (!terms.has(fold(alias))) terms.set(fold(alias), component)
  }
  return terms
}
