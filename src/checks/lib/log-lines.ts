// SPDX-License-Identifier: Apache-2.0

/** A line of a configuration without comment. */
export interface ConfigLine {
  /** from 1 */
  readonly number: number
  /** without blanks at its ends */
  readonly text: string
  readonly indent: number
}

/** Where a configuration shows something. */
export interface LineHit {
  readonly line: number
  /** the words found */
  readonly words: string
}

/** Longer lines, JSON without line breaks, are taken in pieces: no pattern has to look at more. */
const LONGEST_PIECE = 2000

/** Lines that say something: blank ones and whole-line comments (`#`, `;`, `//`) left out. */
export function configLines(text: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const words = raw.trim()
    if (words === '' || /^(?:#(?!\{)|;|\/\/)/.test(words)) return []
    const indent = raw.length - raw.trimStart().length
    if (words.length <= LONGEST_PIECE) return [{number: index + 1, text: words, indent}]
    return (words.match(/[\s\S]{1,2000}/g) ?? []).map((piece) => ({number: index + 1, text: piece.trim(), indent}))
  })
}

/** Every line that a pattern matches; of a long one what matches, with the words around it. */
export function linesWith(lines: readonly ConfigLine[], pattern: RegExp): readonly LineHit[] {
  return lines.flatMap((line) => {
    if (!pattern.test(line.text)) return []
    return line.text.length <= LONGEST_WORDS ? [hitAt(line)] : wordsWith([line], pattern)
  })
}

/** What a pattern matches in each line, with the words around it: a path as a whole, without what else the line says. */
export function wordsWith(lines: readonly ConfigLine[], pattern: RegExp): readonly LineHit[] {
  return lines.flatMap(({number, text}) => {
    const found = pattern.exec(text)
    return found === null ? [] : [{line: number, words: around(text, found.index, found[0].length)}]
  })
}

const LONGEST_WORDS = 120

/** What a line says, without the signs of a list or a key. */
export function hitAt({number, text}: ConfigLine): LineHit {
  return {line: number, words: text.replace(/^(?:-\s+)+/, '').replace(/[:{]\s*$/, '').trim().split(/\s+/).join(' ').slice(0, LONGEST_WORDS)}
}

/** Up to the blanks, quotes and brackets on both sides. */
function around(text: string, index: number, length: number): string {
  let [start, end] = [index, index + length]
  while (start > 0 && index - start < LONGEST_WORDS && !/[\s"'`[\](){}<>=,]/.test(text.charAt(start - 1))) start--
  while (end < text.length && end - index < LONGEST_WORDS && !/[\s"'`[\](){}<>,]/.test(text.charAt(end))) end++
  return text.slice(start, end)
}

/** A path of container logs: below /var/log/containers, /var/log/pods, or Docker's folder, wherever they are mounted. */
export const CONTAINER_LOGS = /[\\/]log[\\/](?:containers|pods)(?:[\\/]|$)|[\\/]docker[\\/]containers\b/

// ---------------------------------------------------------------- Fluent Bit, classic

/** A section of Fluent Bit's classic format: `[INPUT]` and its keys in small letters; of repeated keys all. */
export interface Section {
  readonly name: string
  readonly entries: readonly SectionEntry[]
}

export interface SectionEntry {
  readonly key: string
  readonly value: string
  readonly line: ConfigLine
}

/** Sections and their `Key value` lines. What stands before the first section is left out. */
export function sectionsOf(lines: readonly ConfigLine[]): readonly Section[] {
  const sections: {name: string; entries: SectionEntry[]}[] = []
  for (const line of lines) {
    const header = /^\[(\w+)\]$/.exec(line.text)?.[1]
    if (header !== undefined) sections.push({name: header.toLowerCase(), entries: []})
    const [key = '', ...value] = line.text.split(/\s+/)
    if (header === undefined) sections.at(-1)?.entries.push({key: key.toLowerCase(), value: value.join(' '), line})
  }
  return sections
}

/** The last entry with a key. */
export function entryOf({entries}: Section, key: string): SectionEntry | undefined {
  return entries.findLast((entry) => entry.key === key)
}

// ---------------------------------------------------------------- fluentd

/** `<source>` … `</source>` with what is in it. */
export interface Directive {
  readonly name: string
  readonly entries: readonly SectionEntry[]
  readonly children: readonly Directive[]
}

/** The directives of a fluentd configuration. One that does not end goes to the end. */
export function directivesOf(lines: readonly ConfigLine[]): readonly Directive[] {
  interface Open {name: string; entries: SectionEntry[]; children: Open[]}
  const root: Open = {name: '', entries: [], children: []}
  const stack = [root]
  for (const line of lines) {
    const top = stack.at(-1) ?? root
    const open = /^<([A-Za-z_@]\w*)[^>]*>$/.exec(line.text)?.[1]
    if (open !== undefined && stack.length < 20) {
      const next: Open = {name: open, entries: [], children: []}
      top.children.push(next)
      stack.push(next)
    } else if (/^<\/\w+>$/.test(line.text)) {
      if (stack.length > 1) stack.pop()
    } else {
      const [key = '', ...value] = line.text.split(/\s+/)
      top.entries.push({key, value: value.join(' ').replace(/^(["'])(.*)\1$/, '$2'), line})
    }
  }
  return root.children
}
