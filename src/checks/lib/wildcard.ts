// SPDX-License-Identifier: Apache-2.0

/** `one` character, any number of them in a `part` between slashes, anything at `all`, or whole `folders`, also none. */
type Token = {readonly kind: 'one' | 'part' | 'all' | 'folders'} | {readonly kind: 'text'; readonly text: string}

const WILD: ReadonlyMap<string, Token> = new Map([['?', {kind: 'one'}], ['*', {kind: 'part'}], ['**', {kind: 'all'}], ['**/', {kind: 'folders'}]])

/**
 * Tells whether a whole text matches a pattern: `?` is one character and `*` any number of them, none of them a slash; `**` is anything,
 * and before a slash also no folder at all. Reads a text once and never goes back: the pattern of a stranger cannot stall it.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const tokens = (pattern.match(/\*\*\/|\*\*|[\s\S]/gu) ?? []).map((part): Token => WILD.get(part) ?? {kind: 'text', text: part})
  // Most texts are told apart by how they begin.
  const beginning = /^[^*?]*/.exec(pattern)?.[0] ?? ''
  return (text) => text.startsWith(beginning) && reachesEnd(text, tokens)
}

function reachesEnd(text: string, tokens: readonly Token[]): boolean {
  // The places in the pattern that the text read so far may have reached.
  let places = new Set<number>()
  arrive(0, tokens, places)
  for (const character of text) {
    places = after(character, places, tokens)
    if (places.size === 0) return false
  }
  return places.has(tokens.length)
}

function after(character: string, places: ReadonlySet<number>, tokens: readonly Token[]): Set<number> {
  const next = new Set<number>()
  for (const place of places) {
    const token = tokens[place]
    switch (token?.kind) {
      case 'text':
        if (token.text === character) arrive(place + 1, tokens, next)
        break
      case 'one':
        if (character !== '/') arrive(place + 1, tokens, next)
        break
      case 'part':
        if (character !== '/') arrive(place, tokens, next)
        break
      case 'all':
        arrive(place, tokens, next)
        break
      case 'folders':
        next.add(place)
        if (character === '/') arrive(place + 1, tokens, next)
        break
      case undefined:
    }
  }
  return next
}

/** Reaching a token that may stand for nothing is reaching the next one too. */
function arrive(place: number, tokens: readonly Token[], places: Set<number>): void {
  places.add(place)
  const kind = tokens[place]?.kind
  if (kind === 'part' || kind === 'all' || kind === 'folders') arrive(place + 1, tokens, places)
}
