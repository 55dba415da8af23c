// SPDX-License-Identifier: Apache-2.0
import {type Event, parseEvents} from 'js-yaml'

/** Collections within collections, as js-yaml counts them; real manifests have about 20. */
export const DEEPEST = 100
/** js-yaml's words for a line within brackets or quotes that is indented less than the block around it. */
const TOO_FAR_LEFT = 'deficient indentation'
/** How far such a line is moved to the right: further than anybody indents. */
const MOVED = ' '.repeat(200)
/** Brackets and quotes of one document whose lines are moved, and the characters that are parsed anew for them. */
const MOST_MOVED = 64
const MOST_PARSED_ANEW = 8 * 1024 * 1024

/** What a parser saw in a document. */
export interface YamlEvents {
  readonly events: Event[]
  /** what the events are about: the document, some of whose lines begin with more blanks than are written in it */
  readonly source: string
  /** how many more, by line from 0; undefined: none */
  readonly added: readonly number[] | undefined
}

/**
 * The events of one document. kubectl's parser, which comes from libyaml, asks for no indentation within brackets and quotes, and
 * manifests make use of that: `args: [`, items, and `]` below the key. YAML and js-yaml want it, so such lines are moved to the
 * right; blanks at the begin of these lines mean nothing.
 *
 * @throws where it is no YAML
 */
export function eventsOf(text: string): YamlEvents {
  try {
    return {events: parseEvents(text, {maxDepth: DEEPEST}), source: text, added: undefined}
  } catch (error) {
    if (lineTooFarLeft(error) === undefined) throw error
    return eventsOfMoved(text, error)
  }
}

/**
 * Where brackets or quotes end cannot be asked. So all lines from the first bad one on are moved: the parser stumbles over the first
 * line after the brackets, as nothing may follow a value at a deeper level, and from there on they are moved back.
 *
 * @param first why the text did not parse
 */
function eventsOfMoved(text: string, first: unknown): YamlEvents {
  const lines = text.split('\n')
  const added = lines.map(() => 0)
  let [error, parsed] = [first, 0]
  for (let moved = 0; moved < MOST_MOVED; moved++) {
    const start = lineTooFarLeft(error)
    if (start === undefined || added[start] !== 0) break
    for (const until of [lines.length, undefined]) {
      const end = until ?? lineOf(error)
      if (end === undefined || end <= start) throw first
      added.fill(MOVED.length, start, end).fill(0, end)
      const source = lines.map((line, index) => (added[index] === 0 ? line : MOVED + line)).join('\n')
      parsed += source.length
      if (parsed > MOST_PARSED_ANEW) throw first
      try {
        return {events: parseEvents(source, {maxDepth: DEEPEST}), source, added}
      } catch (next) {
        error = next
      }
    }
  }
  throw lineTooFarLeft(error) === undefined ? error : first
}

function lineTooFarLeft(error: unknown): number | undefined {
  return (error as {readonly reason?: unknown}).reason === TOO_FAR_LEFT ? lineOf(error) : undefined
}

/** From 0, where the parser stopped. */
function lineOf(error: unknown): number | undefined {
  const line = (error as {readonly mark?: {readonly line?: unknown}}).mark?.line
  return typeof line === 'number' ? line : undefined
}
