// SPDX-License-Identifier: Apache-2.0
import {CannotEditToml, pathOfItem, reopen, type TomlDocument} from './document.ts'
import {type Item, scanInline, type Section} from './scan.ts'
import {isTomlTable, parseTomlText, samePath, startsWith, type TomlPath, type TomlTable, type TomlValue, tomlAt} from './value.ts'
import {type NewValue, writeKeys, writeValue} from './write.ts'

/** Where a value goes, and as what; undefined takes it away. */
export type Move = (path: TomlPath, value: TomlValue) => Moved | undefined

export interface Moved {
  readonly path: TomlPath
  /** undefined: as it is */
  readonly value?: NewValue
}

/**
 * Moves values to other places, all at once: each value that is no table is asked for its place, and each table that is empty.
 * Comments go with the line below them. A table whose values all go to the same place keeps its header, renamed. Tables within
 * arrays of tables go where their array goes.
 *
 * @throws CannotEditToml where two values go to one place
 */
export function moveToml(document: TomlDocument, move: Move): TomlDocument {
  const expected = movedValue(document.value, move)
  try {
    return reopen(document, movedSections(document, move, () => false), expected)
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    return reopen(document, movedSections(document, move, () => true), expected)
  }
}

/** The same with everything below a path written plainly: each table with a header, no dotted keys, no inline tables. */
export function normalToml(document: TomlDocument, below: TomlPath): TomlDocument {
  return reopen(document, movedSections(document, (path) => ({path}), (path) => startsWith(path, below)), document.value)
}

type Growing = Record<string, TomlValue>

function movedValue(table: TomlTable, move: Move): TomlTable {
  const moved = Object.create(null) as Growing
  for (const [path, value] of leaves(table, [])) {
    const place = move(path, value)
    if (place === undefined) continue
    put(moved, place.path, place.value === undefined ? value : parseTomlText(`v = ${writeValue(place.value, '"')}`)['v'] as TomlValue)
  }
  return moved
}

/** Of two values for one place the later stays, but an empty table never takes the place of one that is not. */
function put(table: Growing, [key = '', ...rest]: TomlPath, value: TomlValue): void {
  const there = Object.hasOwn(table, key) ? table[key] : undefined
  if (rest.length === 0) {
    if (!isTomlTable(value)) table[key] = value
    else if (!isTomlTable(there)) table[key] = Object.create(null) as TomlTable
    return
  }
  const below: Growing = isTomlTable(there) ? there : Object.create(null) as TomlTable
  table[key] = below
  put(below, rest, value)
}

/** Values that are no tables, and tables that are empty. */
function* leaves(value: TomlValue, path: TomlPath): Generator<readonly [TomlPath, TomlValue]> {
  const members = isTomlTable(value) ? Object.entries(value) : []
  if (path.length > 0 && members.length === 0) yield [path, value]
  for (const [key, member] of members) yield* leaves(member, [...path, key])
}

interface GrowingSection extends Omit<Section, 'items' | 'tail'> {
  readonly items: Item[]
  tail: string
}

/** Sections under construction, by the path of their table. */
class Output {
  readonly sections: GrowingSection[] = []
  readonly #tables = new Map<string, GrowingSection>()
  readonly #document: TomlDocument

  constructor(document: TomlDocument) {
    this.#document = document
  }

  /** Puts a section at the end; of a table that is there already, only what is in it, to what is there. */
  add(section: Section): void {
    const there = section.kind === 'array' || section.inArray ? undefined : this.#tables.get(JSON.stringify(section.path))
    if (there !== undefined) return append(there, section)
    const made = {...section, items: [...section.items]}
    if (section.kind !== 'array' && !section.inArray) this.#tables.set(JSON.stringify(section.path), made)
    this.sections.push(made)
  }

  table(path: TomlPath, lead: string, indent: string): Section {
    const {eol, style} = this.#document
    const header = path.length === 0 ? '' : `${indent}[${writeKeys(path, style)}]${eol}`
    return {kind: path.length === 0 ? 'root' : 'table', lead, header, path, inArray: false, items: [], tail: ''}
  }
}

function append(there: GrowingSection, section: Section): void {
  const lead = section.lead.trim() === '' ? '' : section.lead.replace(/^(?:[ \t]*\r?\n)+/, '')
  const indent = /^[ \t]*/.exec(there.items.at(-1)?.text ?? '')?.[0]
  const hasItems = there.items.length > 0
  for (const [index, item] of section.items.entries()) {
    const own = hasItems && indent !== undefined ? indented(item, indent) : item
    there.items.push(index === 0 ? {...own, lead: there.tail + lead + own.lead} : own)
  }
  there.tail = (section.items.length === 0 ? there.tail + lead : '') + section.tail
}

/** Like what is there already; texts of several lines stay as they are. */
function indented(item: Item, indent: string): Item {
  const old = /^[ \t]*/.exec(item.text)?.[0] ?? ''
  const isLong = item.text.trimEnd().includes('\n')
  const shift = indent.length - old.length
  return isLong ? item : {...item, text: indent + item.text.slice(old.length), from: item.from + shift, to: item.to + shift}
}

function movedSections(document: TomlDocument, move: Move, isPlain: (path: TomlPath) => boolean): readonly Section[] {
  const output = new Output(document)
  for (const section of document.sections) {
    if (section.inArray) moveArray(document, section, move, output)
    else moveTable(document, section, move, isPlain, output)
  }
  return output.sections
}

/** The array of tables goes as a whole, under its new name. */
function moveArray(document: TomlDocument, section: Section, move: Move, output: Output): void {
  const [length, value] = arrayOf(document, section.path)
  const place = move(section.path.slice(0, length), value)
  if (place === undefined) return
  const path = [...place.path, ...section.path.slice(length)]
  output.add(renamed(document, section, path))
}

/** How many keys of a path lead to the first array on it, and that array. */
function arrayOf(document: TomlDocument, path: TomlPath): readonly [number, TomlValue] {
  for (let length = 1; length <= path.length; length++) {
    const value = tomlAt(document.value, path.slice(0, length))
    if (Array.isArray(value)) return [length, value as TomlValue]
  }
  return [path.length, []]
}

function renamed(document: TomlDocument, section: Section, path: TomlPath): Section {
  if (samePath(section.path, path)) return section
  const {style} = document
  const brackets = section.kind === 'array' ? ['[[', ']]'] as const : ['[', ']'] as const
  const indent = /^[ \t]*/.exec(section.header)?.[0] ?? ''
  // a comment behind the header stays there
  const comment = /\](?:[ \t]*(?:#[^\r\n]*)?)(?:\r?\n)?$/.exec(section.header)?.[0].slice(1) ?? document.eol
  return {...section, path, header: `${indent}${brackets[0]}${writeKeys(path, style)}${brackets[1]}${comment}`}
}

interface Placed {
  readonly table: TomlPath
  readonly item: Item
}

function moveTable(document: TomlDocument, section: Section, move: Move, isPlain: (path: TomlPath) => boolean, output: Output): void {
  const placed = section.items.flatMap((item) => placeItem(document, section, item, move, isPlain))
  const own = tomlAt(document.value, section.path)
  const empty = section.path.length > 0 && own !== undefined && isTomlTable(own) && Object.keys(own).length === 0
  const [first] = placed
  const home = section.kind === 'root' ? [] : empty ? move(section.path, own)?.path : first?.table ?? homeOf(document, section, move)
  if (home !== undefined) {
    const items = placed.filter(({table}) => samePath(table, home)).map(({item}) => item)
    output.add({...renamed(document, section, home), items})
  } else if (section.kind === 'root') {
    output.add({...section, items: []})
  }
  const indent = /^[ \t]*/.exec(section.header)?.[0] ?? ''
  for (const {table, item} of placed) {
    if (home !== undefined && samePath(table, home)) continue
    output.add({...output.table(table, document.eol, indent), items: [item]})
  }
}

/** Where a header goes that has nothing of its own below it: nowhere, where something stays below it; else where what is deeper goes. */
function homeOf(document: TomlDocument, section: Section, move: Move): TomlPath | undefined {
  const deeper = [...leaves(tomlAt(document.value, section.path) ?? Object.create(null), section.path)]
  const places = deeper.map(([path, value]) => ({path, place: move(path, value)}))
  if (places.some(({place}) => place !== undefined && place.path.length > section.path.length && startsWith(place.path, section.path))) return section.path
  const homes = places.flatMap(({path, place}) => {
    const below = path.slice(section.path.length)
    return place !== undefined && samePath(place.path.slice(-below.length), below) ? [place.path.slice(0, -below.length)] : []
  })
  // a header that goes somewhere else than all that is below it would make an empty table
  return section.items.length > 0 && homes.length === 0 ? undefined : homes[0]
}

/** The places of an item; an inline table whose values part is taken apart. */
function placeItem(document: TomlDocument, section: Section, item: Item, move: Move, isPlain: (path: TomlPath) => boolean): readonly Placed[] {
  const path = pathOfItem(section, item)
  const value = tomlAt(document.value, path)
  const text = item.text.slice(item.from, item.to)
  if (isTomlTable(value) && Object.keys(value).length > 0) {
    const moves = [...leaves(value, path)].map(([from, leaf]) => ({from, to: move(from, leaf)}))
    const [one] = moves
    const below = one === undefined ? 0 : one.from.length - path.length
    const to = one?.to?.path.slice(0, -below)
    const isWhole = to !== undefined && to.length > 0 && moves.every(({from, to: place}) =>
      place !== undefined && place.value === undefined && samePath(place.path, [...to, ...from.slice(path.length)]))
    if (isWhole && !isPlain(path)) return [placedAt(document, section, item, path, to, text)]
    const parts = scanInline(text).map((entry) => ({
      ...item, lead: '', text: `x = ${entry.value}${document.eol}`, from: 4, to: 4 + entry.value.length, path: [...item.path, ...entry.path],
    }))
    return parts.flatMap((part, index) => placeItem(document, section, index === 0 ? {...part, lead: item.lead} : part, move, () => true).map((placed) =>
      ({...placed, item: {...placed.item, text: `${/^[ \t]*/.exec(item.text)?.[0] ?? ''}${placed.item.text.trimStart()}`}})))
  }
  const place = value === undefined ? undefined : move(path, value)
  if (place === undefined) return []
  const written = place.value === undefined ? text : writeValue(place.value, document.style)
  return [isPlain(path) ? plainAt(document, item, place.path, written) : placedAt(document, section, item, path, place.path, written)]
}

/** In the table that the key was in, renamed, with the dots of the key; in a table of its own where that does not fit. */
function placedAt(document: TomlDocument, section: Section, item: Item, from: TomlPath, to: TomlPath, value: string): Placed {
  if (samePath(from, to)) {
    return {table: section.path, item: {...item, text: item.text.slice(0, item.from) + value + item.text.slice(item.to), to: item.from + value.length}}
  }
  const dotted = item.path.length > 1 && item.path.length < to.length && samePath(to.slice(-item.path.length), item.path) ? item.path.length : 1
  return rewritten(document, item, to, dotted, value)
}

function plainAt(document: TomlDocument, item: Item, to: TomlPath, value: string): Placed {
  return rewritten(document, item, to, 1, value)
}

function rewritten(document: TomlDocument, item: Item, to: TomlPath, keys: number, value: string): Placed {
  const indent = /^[ \t]*/.exec(item.text)?.[0] ?? ''
  const start = `${indent}${writeKeys(to.slice(-keys), document.style)} = `
  const behind = item.text.slice(item.to)
  return {
    table: to.slice(0, -keys),
    item: {...item, path: to.slice(-keys), text: `${start}${value}${behind}`, from: start.length, to: start.length + value.length},
  }
}
