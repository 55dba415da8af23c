// SPDX-License-Identifier: Apache-2.0
import {type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent} from 'js-yaml'
import type {JsonPath} from '../model/json.ts'
import type {Position} from '../model/kubernetes.ts'
import {eventsOf, type YamlEvents} from './events.ts'

/** Merge keys within merged mappings; each level has to be defined before the next. */
const MOST_MERGES = 50
/** Header of a block scalar, to the end of its line. */
const BLOCK_HEADER = /[|>][-+\d]*(?:[ \t]+#.*)?[ \t]*$/

/**
 * Where the values of a document are written. It is parsed for that when the first is asked for, by the same parser that read its
 * values; where it does not parse there are no positions.
 */
export class Positions {
  readonly #text: string
  #document: IndexedEvents | undefined
  #lineStarts: readonly number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** Of the key, or of the item of a list. What an alias or a merge key brings in is where it was defined. */
  of(path: JsonPath): Position | undefined {
    const found = this.#find(path)
    return found?.offset === undefined ? undefined : this.#position(found.offset)
  }

  /**
   * The text of a literal block scalar, whose lines are those of the value: the line of the first one, from 1, and the columns
   * before each. Undefined for every other value.
   */
  blockAt(path: JsonPath): {readonly line: number; readonly indent: number} | undefined {
    const document = this.#events()
    const found = this.#find(path)
    const event = found && document.events[document.resolve(found.node)]
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.LITERAL_BLOCK || event.valueStart < 0) return undefined
    return {line: this.#position(event.valueStart).line, indent: Math.max(event.indent, 0)}
  }

  #events(): IndexedEvents {
    return this.#document ??= new IndexedEvents(this.#text)
  }

  #find(path: JsonPath): Found | undefined {
    const document = this.#events()
    let found: Found | undefined = document.root()
    for (const part of path) found = found && document.member(document.resolve(found.node), part)
    return found
  }

  #position(offset: number): Position {
    const {text, added} = this.#events()
    const starts = this.#lineStarts ??= lineStartsOf(text)
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return {line: low + 1, column: offset - (starts[low] as number) - (added?.[low] ?? 0) + 1}
  }
}

interface Found {
  /** index of the event that begins the value */
  readonly node: number
  /** in the text; undefined for a value that takes no room: `- ` */
  readonly offset: number | undefined
}

/** The events of a parser, with what it takes to go from one value to the next without looking into it. */
class IndexedEvents {
  /** what the offsets of the events are in */
  readonly text: string
  readonly added: readonly number[] | undefined
  readonly events: readonly Event[]
  /** by the index of the event that begins a collection: that of the one that ends it */
  readonly #ends = new Map<number, number>()
  /** by the index of an alias: that of what it stands for */
  readonly #targets = new Map<number, number>()

  constructor(document: string) {
    const {events, source: text, added} = eventsOrNone(document)
    this.text = text
    this.added = added
    this.events = events
    const open: number[] = []
    const anchors = new Map<string, number>()
    for (const [index, event] of this.events.entries()) {
      if (event.type === EVENT_ID.POP) this.#ends.set(open.pop() ?? 0, index)
      else if (event.type === EVENT_ID.ALIAS) this.#targets.set(index, anchors.get(text.slice(event.anchorStart, event.anchorEnd)) ?? index)
      else if (event.type !== EVENT_ID.DOCUMENT && event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), index)
      if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) open.push(index)
    }
  }

  root(): Found | undefined {
    const first = this.events[1]
    return first === undefined || first.type === EVENT_ID.POP ? undefined : this.#found(1, 1)
  }

  /** What an alias stands for; everything else is itself. */
  resolve(node: number): number {
    return this.#targets.get(node) ?? node
  }

  member(node: number, part: string | number): Found | undefined {
    const type = this.events[node]?.type
    if (type === EVENT_ID.MAPPING) return this.#entry(node, String(part), MOST_MERGES)
    return type === EVENT_ID.SEQUENCE && typeof part === 'number' ? this.#item(node, part) : undefined
  }

  #item(sequence: number, index: number): Found | undefined {
    const end = this.#ends.get(sequence) ?? 0
    let item = sequence + 1
    for (let count = 0; count < index && item < end; count++) item = this.#after(item)
    return item < end ? this.#found(item, item) : undefined
  }

  /** The last one of that name; otherwise the first that a merge key brings. */
  #entry(mapping: number, name: string, merges: number): Found | undefined {
    const end = this.#ends.get(mapping) ?? 0
    const merged: number[] = []
    let found: Found | undefined
    for (let key = mapping + 1; key < end;) {
      const value = this.#after(key)
      const event = this.events[this.resolve(key)]
      if (event?.type === EVENT_ID.SCALAR) {
        if (isMerge(this.text, event)) merged.push(this.resolve(value))
        else if (getScalarValue(this.text, event) === name) found = this.#found(key, value)
      }
      key = this.#after(value)
    }
    return found ?? (merges === 0 ? undefined : this.#merged(merged, name, merges - 1))
  }

  #merged(sources: readonly number[], name: string, merges: number): Found | undefined {
    for (const source of sources) {
      const type = this.events[source]?.type
      const found = type === EVENT_ID.MAPPING ? this.#entry(source, name, merges) : type === EVENT_ID.SEQUENCE ? this.#merged(this.#itemsOf(source), name, merges) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  #itemsOf(sequence: number): readonly number[] {
    const end = this.#ends.get(sequence) ?? 0
    const items: number[] = []
    for (let item = sequence + 1; item < end; item = this.#after(item)) items.push(this.resolve(item))
    return items
  }

  #after(node: number): number {
    return (this.#ends.get(node) ?? node) + 1
  }

  #found(written: number, node: number): Found {
    return {node, offset: startOf(this.text, this.events[written])}
  }
}

function eventsOrNone(text: string): YamlEvents {
  try {
    return eventsOf(text)
  } catch {
    // JSON that is no YAML.
    return {events: [], source: text, added: undefined}
  }
}

/** js-yaml's mergeTag is one of plain scalars without a tag. */
function isMerge(text: string, event: ScalarEvent): boolean {
  return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 && event.valueEnd - event.valueStart === 2 && text.startsWith('<<', event.valueStart)
}

function startOf(text: string, event: Event | undefined): number | undefined {
  if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return undefined
  // An anchor's name begins after its `&`, an alias after its `*`.
  const anchor = event.anchorStart < 0 ? [] : [event.anchorStart - 1]
  if (event.type === EVENT_ID.ALIAS) return anchor[0]
  const tag = event.tagStart < 0 ? [] : [event.tagStart]
  const value = event.type === EVENT_ID.SCALAR ? scalarStart(text, event) : event.start
  const starts = [...anchor, ...tag, ...(value < 0 ? [] : [value])]
  return starts.length === 0 ? undefined : Math.min(...starts)
}

/** Of the quote or the header, where it has one. */
function scalarStart(text: string, {style, valueStart}: ScalarEvent): number {
  if (valueStart < 0 || style === SCALAR_STYLE.PLAIN) return valueStart
  if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) return valueStart - 1
  const end = text[valueStart - 2] === '\r' ? valueStart - 2 : valueStart - 1
  const start = text.lastIndexOf('\n', end - 1) + 1
  const header = BLOCK_HEADER.exec(text.slice(start, end))
  return header === null ? -1 : start + header.index
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
