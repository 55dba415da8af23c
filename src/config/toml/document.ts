// SPDX-License-Identifier: Apache-2.0
import {type Item, printSections, scanToml, type Section} from './scan.ts'
import {parseTomlText, sameToml, samePath, startsWith, type TomlPath, type TomlTable} from './value.ts'
import type {QuoteStyle} from './write.ts'

/** TOML text to be edited: what it means, and the pieces it is made of. */
export interface TomlDocument {
  readonly text: string
  readonly value: TomlTable
  readonly sections: readonly Section[]
  readonly eol: '\n' | '\r\n'
  readonly style: QuoteStyle
}

/** An edit that cannot be made without a risk for what else the text says. */
export class CannotEditToml extends Error {}

/** Larger texts are no configuration that anybody edits; each edit reads the text again. */
const MOST_CHARACTERS = 512 * 1024

/**
 * Reads a text for editing.
 *
 * @param style quotes for what is added, where the text itself does not tell
 * @throws CannotEditToml where it is no TOML, or too large
 */
export function openToml(text: string, style: QuoteStyle = '"'): TomlDocument {
  if (text.length > MOST_CHARACTERS) throw new CannotEditToml(`it is larger than ${MOST_CHARACTERS / 1024} KiB`)
  let value: TomlTable
  try {
    value = parseTomlText(text)
  } catch (error) {
    throw new CannotEditToml(`it is no TOML: ${(error as Error).message.split('\n')[0] ?? ''}`)
  }
  const sections = scanToml(text)
  if (printSections(sections) !== text) throw new CannotEditToml('its parts could not be told apart')
  return {text, value, sections, eol: text.includes('\r\n') ? '\r\n' : '\n', style: styleOf(sections) ?? style}
}

/** The document made of other pieces, if it means what it has to. */
export function reopen(document: TomlDocument, sections: readonly Section[], expected: TomlTable): TomlDocument {
  const edited = openToml(printSections(endedLines(sections, document.eol)), document.style)
  if (!sameToml(edited.value, expected)) throw new CannotEditToml('the edited text would mean something else')
  return edited
}

/** A last line without an end gets one as soon as something follows it. */
function endedLines(sections: readonly Section[], eol: string): readonly Section[] {
  const [last] = sections.flatMap((section, index) => (hasText(section) ? [index] : [])).slice(-1)
  return sections.map((section, index) => (last !== undefined && index < last ? endSection(section, eol) : endItems(section, eol)))
}

function hasText({lead, header, items, tail}: Section): boolean {
  return lead !== '' || header !== '' || items.length > 0 || tail !== ''
}

const ended = (text: string, eol: string) => (text === '' || text === '\uFEFF' || text.endsWith('\n') ? text : text + eol)

function endSection(section: Section, eol: string): Section {
  return {...section, header: ended(section.header, eol), items: section.items.map((item) => endItem(item, eol)), tail: ended(section.tail, eol)}
}

/** Of the last section, everything but what comes last. */
function endItems(section: Section, eol: string): Section {
  const last = section.items.length - 1
  return {
    ...section,
    header: section.items.length === 0 && section.tail === '' ? section.header : ended(section.header, eol),
    items: section.items.map((item, index) => (index === last && section.tail === '' ? item : endItem(item, eol))),
  }
}

function endItem(item: Item, eol: string): Item {
  return {...item, lead: ended(item.lead, eol), text: ended(item.text, eol)}
}

/** The kind of quotes that most keys of headers have. */
function styleOf(sections: readonly Section[]): QuoteStyle | undefined {
  const headers = sections.map(({header}) => header).join('')
  const [double, single] = [headers.split('"').length, headers.split("'").length]
  return double === single ? undefined : double > single ? '"' : "'"
}

/** The whole path of a key. */
export function pathOfItem(section: Section, item: Item): TomlPath {
  return [...section.path, ...item.path]
}

/** An item, where it is. */
export interface Found {
  readonly section: number
  readonly item: number
  /** what is left of the path: keys within its inline table */
  readonly rest: TomlPath
}

/** The item that has the value of a path: under this path, or in an inline table. Nothing in an array of tables has a path. */
export function findItem(document: TomlDocument, path: TomlPath): Found | undefined {
  for (const [index, section] of document.sections.entries()) {
    if (section.inArray || !startsWith(path, section.path)) continue
    const item = section.items.findIndex((one) => startsWith(path, pathOfItem(section, one)))
    const found = section.items[item]
    if (found !== undefined) return {section: index, item, rest: path.slice(section.path.length + found.path.length)}
  }
  return undefined
}

/** The section of a table that has a header of its own; the first section for the path of the document itself. */
export function findSection(document: TomlDocument, path: TomlPath): number {
  return document.sections.findIndex(({kind, inArray, path: own}) => kind !== 'array' && !inArray && samePath(own, path))
}

/** The line of a key or table, from 1; of a table without a header that of the first thing in it. Undefined where there is none. */
export function lineOf(document: TomlDocument, path: TomlPath): number | undefined {
  let at = 0
  let within: number | undefined
  for (const section of document.sections) {
    at += section.lead.length
    if (section.kind !== 'root' && samePath(section.path, path)) return lineAt(document.text, at)
    if (section.kind !== 'root' && startsWith(section.path, path)) within ??= lineAt(document.text, at)
    at += section.header.length
    for (const item of section.items) {
      at += item.lead.length
      const own = pathOfItem(section, item)
      if (startsWith(path, own)) return lineAt(document.text, at)
      if (startsWith(own, path)) within ??= lineAt(document.text, at)
      at += item.text.length
    }
    at += section.tail.length
  }
  return within
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
