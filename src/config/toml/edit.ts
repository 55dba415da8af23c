// SPDX-License-Identifier: Apache-2.0
import {CannotEditToml, findItem, findSection, pathOfItem, reopen, type TomlDocument} from './document.ts'
import {normalToml} from './move.ts'
import {type Item, scanInline, type Section} from './scan.ts'
import {isTomlTable, parseTomlText, sameToml, samePath, startsWith, tomlAt, type TomlPath, type TomlValue, tomlWith} from './value.ts'
import {type NewValue, writeKeys, writeValue} from './write.ts'

/**
 * Sets a key; tables around it are made as needed. Comments, order and everything else stay. A table that is in the way is replaced.
 *
 * @throws CannotEditToml where the key lies in an array of tables, or no way was found
 */
export function setToml(document: TomlDocument, path: TomlPath, value: NewValue): TomlDocument {
  const text = writeValue(value, document.style)
  const meant = parseTomlText(`v = ${text}`)['v'] as TomlValue
  if (sameToml(tomlAt(document.value, path), meant)) return document
  const expected = tomlWith(document.value, path, meant)
  return attempt(document, path, (here) => reopen(here, withValue(here, path, text), expected))
}

/** Takes a key or a table with all that is in it away. Comments above a key stay, those of a table go. Nothing happens where there is none. */
export function removeToml(document: TomlDocument, path: TomlPath): TomlDocument {
  if (tomlAt(document.value, path) === undefined) return document
  const expected = tomlWith(document.value, path, undefined)
  return attempt(document, path, (here) => {
    const sections = without(here, path)
    // a table that only stood for what was in it is gone with it
    const parent = path.slice(0, -1)
    const kept = parent.length > 0 && findSection({...here, sections}, parent) < 0 && isEmpty(tomlAt(expected, parent))
    return reopen(here, kept ? [...sections, newSection(here, parent)] : sections, expected)
  })
}

/** Makes a table that is empty, unless it is there. */
export function addTomlTable(document: TomlDocument, path: TomlPath): TomlDocument {
  if (tomlAt(document.value, path) !== undefined) return document
  const expected = tomlWith(document.value, path, Object.create(null))
  return attempt(document, path, (here) => reopen(here, insertSection(here, path, []), expected))
}

/** As it is, else with the tables around the path written out plainly. */
function attempt(document: TomlDocument, path: TomlPath, edit: (here: TomlDocument) => TomlDocument): TomlDocument {
  try {
    return edit(document)
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    return edit(normalToml(document, path.slice(0, 1)))
  }
}

function isEmpty(value: TomlValue | undefined): boolean {
  return value !== undefined && typeof value === 'object' && Object.keys(value).length === 0
}

function withValue(document: TomlDocument, path: TomlPath, text: string): readonly Section[] {
  const found = findItem(document, path)
  const inWay = found === undefined ? undefined : path.slice(0, path.length - found.rest.length)
  if (found !== undefined && inWay !== undefined && (found.rest.length === 0 || isTomlTable(tomlAt(document.value, inWay)))) {
    return replaceItem(document.sections, found.section, found.item, (item) => [withText(item, found.rest.length === 0
      ? text
      : inlineWith(document, item.text.slice(item.from, item.to), found.rest, text))])
  }
  if (inWay !== undefined) return insertKey({...document, sections: without(document, inWay)}, path, text)
  if (tomlAt(document.value, path) !== undefined) return insertKey({...document, sections: without(document, path)}, path, text)
  return insertKey(document, path, text)
}

function replaceItem(sections: readonly Section[], section: number, item: number, by: (item: Item) => readonly Item[]): readonly Section[] {
  return sections.map((one, index) => (index === section ? {...one, items: one.items.flatMap((old, at) => (at === item ? by(old) : [old]))} : one))
}

function withText(item: Item, value: string): Item {
  return {...item, text: item.text.slice(0, item.from) + value + item.text.slice(item.to), to: item.from + value.length}
}

/** The text of an inline table with another value in it; undefined takes it away. */
function inlineWith(document: TomlDocument, inline: string, path: TomlPath, value: string | undefined): string {
  if (!inline.startsWith('{')) throw new CannotEditToml(`${writeKeys(path, document.style)} is below something that is no table`)
  const entries = scanInline(inline)
  const at = entries.findIndex((entry) => startsWith(path, entry.path))
  const old = entries[at]
  const others = entries.flatMap((entry, index) => {
    if (index !== at) return startsWith(entry.path, path) ? [] : [entry]
    if (samePath(entry.path, path)) return value === undefined ? [] : [{...entry, value}]
    return [{...entry, value: inlineWith(document, entry.value, path.slice(entry.path.length), value)}]
  })
  if (old === undefined && value !== undefined) others.push({path, value})
  return others.length === 0 ? '{}' : `{${others.map((entry) => `${writeKeys(entry.path, document.style)} = ${entry.value}`).join(', ')}}`
}

function without(document: TomlDocument, path: TomlPath): readonly Section[] {
  const found = findItem(document, path)
  if (found !== undefined && found.rest.length > 0) {
    return replaceItem(document.sections, found.section, found.item, (item) =>
      [withText(item, inlineWith(document, item.text.slice(item.from, item.to), found.rest, undefined))])
  }
  return document.sections.flatMap((section) => {
    if (section.kind !== 'root' && startsWith(section.path, path)) return []
    if (section.inArray) return [section]
    return [withoutItems(section, (item) => startsWith(pathOfItem(section, item), path))]
  })
}

/** What stood above a line stays where it was. */
function withoutItems(section: Section, goes: (item: Item) => boolean): Section {
  const items: Item[] = []
  let kept = ''
  for (const item of section.items) {
    if (goes(item)) {
      kept += item.lead
      continue
    }
    items.push({...item, lead: kept + item.lead})
    kept = ''
  }
  return {...section, items, tail: kept + section.tail}
}

function insertKey(document: TomlDocument, path: TomlPath, text: string): readonly Section[] {
  const parent = path.slice(0, -1)
  const own = findSection(document, parent)
  // a table that dotted keys made cannot have a header as well
  const dotted = own >= 0 ? own : document.sections.findIndex((section) =>
    !section.inArray && startsWith(parent, section.path) && section.items.some((item) => {
      const full = pathOfItem(section, item)
      return full.length > parent.length && startsWith(full, parent)
    }))
  if (dotted < 0) return insertSection(document, parent, [[path.slice(-1), text]])
  return document.sections.map((section, index) => (index === dotted ? withItem(document, section, path.slice(section.path.length), text) : section))
}

function withItem(document: TomlDocument, section: Section, path: TomlPath, value: string): Section {
  const last = section.items.at(-1)
  const indent = /^[ \t]*/.exec(last?.text ?? '')?.[0] ?? ''
  const headerIndent = /^[ \t]*/.exec(section.header)?.[0] ?? ''
  return {...section, items: [...section.items, newItem(document, last === undefined && section.kind !== 'root' ? `${headerIndent}  ` : indent, path, value)]}
}

function newItem(document: TomlDocument, indent: string, path: TomlPath, value: string): Item {
  const start = `${indent}${writeKeys(path, document.style)} = `
  return {lead: '', text: `${start}${value}${document.eol}`, path, from: start.length, to: start.length + value.length}
}

/** A new section, behind those that its path has most in common with. */
function insertSection(document: TomlDocument, path: TomlPath, values: readonly (readonly [TomlPath, string])[]): readonly Section[] {
  const common = ({path: other}: Section) => {
    const differs = path.findIndex((key, index) => other[index] !== key)
    return differs < 0 ? path.length : differs
  }
  const inside = document.sections.findIndex((section) => section.kind !== 'root' && !section.inArray && startsWith(section.path, path))
  if (inside >= 0) return withSection(document, inside, document.sections[inside]?.header ?? '', path, values)
  const most = Math.max(0, ...document.sections.map((section) => (section.kind === 'root' ? 0 : common(section))))
  const after = most === 0 ? document.sections.length - 1 : document.sections.findLastIndex((section) => section.kind !== 'root' && common(section) === most)
  const neighbour = document.sections[after]
  const indent = most === 0 || neighbour === undefined ? '' : indentBeside(neighbour, path)
  return document.sections.toSpliced(after + 1, 0, filledSection(document, path, indent, values))
}

/** In front of the first table that lies in it, as people write them. */
function withSection(
  document: TomlDocument, at: number, header: string, path: TomlPath, values: readonly (readonly [TomlPath, string])[],
): readonly Section[] {
  const indent = /^[ \t]*/.exec(header)?.[0] ?? ''
  return document.sections.toSpliced(at, 0, filledSection(document, path, indent, values))
}

function filledSection(document: TomlDocument, path: TomlPath, indent: string, values: readonly (readonly [TomlPath, string])[]): Section {
  return {...newSection(document, path, indent), items: values.map(([key, text]) => newItem(document, `${indent}  `, key, text))}
}

function newSection(document: TomlDocument, path: TomlPath, indent = ''): Section {
  const isFirst = document.text.trim() === ''
  return {
    kind: 'table', lead: isFirst ? '' : document.eol, header: `${indent}[${writeKeys(path, document.style)}]${document.eol}`, path,
    inArray: false, items: [], tail: '',
  }
}

/** Files that indent their headers do so by two for a table in a table. */
function indentBeside(neighbour: Section, path: TomlPath): string {
  const indent = /^[ \t]*/.exec(neighbour.header)?.[0] ?? ''
  if (indent === '') return ''
  return ' '.repeat(Math.max(0, indent.length + Math.min(2, 2 * (path.length - neighbour.path.length))))
}
