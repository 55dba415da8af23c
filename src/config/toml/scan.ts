// SPDX-License-Identifier: Apache-2.0
import type {TomlPath} from './value.ts'

/** `key = value` with everything around it: the pieces of a document, put together again, are its text to the byte. */
export interface Item {
  /** comments and blank lines before its line */
  readonly lead: string
  /** its line or lines, from the indentation to the end of the last line */
  readonly text: string
  /** below the table of its section */
  readonly path: TomlPath
  /** of the value in `text` */
  readonly from: number
  readonly to: number
}

/** A header and what follows until the next one; the first section of a document has none. */
export interface Section {
  readonly kind: 'root' | 'table' | 'array'
  /** comments and blank lines before the header that belong to it */
  readonly lead: string
  readonly header: string
  readonly path: TomlPath
  /** its table lies in an array of tables: which one depends on the order of the file */
  readonly inArray: boolean
  readonly items: readonly Item[]
  /** comments and blank lines after the last item */
  readonly tail: string
}

/** An entry of an inline table. */
export interface InlineEntry {
  readonly path: TomlPath
  readonly value: string
}

/** Splits a text that is known to be TOML into its pieces. */
export function scanToml(text: string): readonly Section[] {
  const sections: Section[] = []
  const arrays = new Set<string>()
  let open: Section = {kind: 'root', lead: '', header: '', path: [], inArray: false, items: [], tail: ''}
  let at = text.charCodeAt(0) === 0xFEFF ? 1 : 0
  if (at === 1) open = {...open, header: text.charAt(0)}
  let items: Item[] = []
  while (at < text.length) {
    const token = skipTrivia(text, at)
    if (token >= text.length) break
    const line = Math.max(at, text.lastIndexOf('\n', token - 1) + 1)
    const trivia = text.slice(at, line)
    if (text.charAt(token) !== '[') {
      const {item, end} = readItem(text, token, line, trivia)
      items.push(item)
      at = end
      continue
    }
    const isArray = text.charAt(token + 1) === '['
    const {keys, end: closing} = readKeys(text, token + (isArray ? 2 : 1))
    const end = endOfLine(text, closing + (isArray ? 2 : 1))
    const {tail, lead} = splitTrivia(trivia, items.length === 0 && open.kind === 'root')
    sections.push({...open, items, tail})
    if (isArray) arrays.add(JSON.stringify(keys))
    const inArray = arrays.size > 0 && keys.some((_, index) => arrays.has(JSON.stringify(keys.slice(0, index + 1))))
    open = {kind: isArray ? 'array' : 'table', lead, header: text.slice(line, end), path: keys, inArray, items: [], tail: ''}
    items = []
    at = end
  }
  sections.push({...open, items, tail: text.slice(at)})
  return sections
}

/** The text of the pieces. */
export function printSections(sections: readonly Section[]): string {
  return sections.map(({lead, header, items, tail}) => `${lead}${header}${items.map((item) => item.lead + item.text).join('')}${tail}`).join('')
}

/** The entries of an inline table, nested ones as they are. */
export function scanInline(text: string): readonly InlineEntry[] {
  const entries: InlineEntry[] = []
  let at = skipTrivia(text, 1)
  while (at < text.length && text.charAt(at) !== '}') {
    const {keys, end} = readKeys(text, at)
    const from = skipTrivia(text, end + 1)
    const to = skipValue(text, from)
    entries.push({path: keys, value: text.slice(from, to)})
    at = skipTrivia(text, to)
    if (text.charAt(at) === ',') at = skipTrivia(text, at + 1)
  }
  return entries
}

function readItem(text: string, token: number, line: number, lead: string): {readonly item: Item; readonly end: number} {
  const {keys, end: equals} = readKeys(text, token)
  const from = skipBlanks(text, equals + 1)
  const to = skipValue(text, from)
  const end = endOfLine(text, to)
  return {item: {lead, text: text.slice(line, end), path: keys, from: from - line, to: to - line}, end}
}

/** Comments right above a header, and blank lines above these, belong to the header; what is before them to the section that ends. */
function splitTrivia(trivia: string, isStart: boolean): {readonly tail: string; readonly lead: string} {
  const lines = trivia.split(/(?<=\n)/)
  let from = lines.length
  while (from > 0 && lines[from - 1]?.trim() !== '') from--
  // the first comment of a file is about the file
  if (isStart && from === 0) return {tail: trivia, lead: ''}
  while (from > 0 && lines[from - 1]?.trim() === '') from--
  return {tail: lines.slice(0, from).join(''), lead: lines.slice(from).join('')}
}

/** A dotted key, and where what follows it is. */
function readKeys(text: string, from: number): {readonly keys: readonly string[]; readonly end: number} {
  const keys: string[] = []
  for (let at = from; ; at++) {
    at = skipBlanks(text, at)
    const quote = text.charAt(at)
    if (quote === '"' || quote === "'") {
      const end = skipString(text, at)
      keys.push(quote === "'" ? text.slice(at + 1, end - 1) : unescapeBasic(text.slice(at + 1, end - 1)))
      at = end
    } else {
      const start = at
      while (/[A-Za-z0-9_-]/.test(text.charAt(at))) at++
      if (at === start) throw new Error(`no key at character ${start}`)
      keys.push(text.slice(start, at))
    }
    at = skipBlanks(text, at)
    if (text.charAt(at) !== '.') return {keys, end: at}
  }
}

const ESCAPES: Readonly<Record<string, string>> = {b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001B', '"': '"', '\\': '\\'}

function unescapeBasic(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/g, (whole, short?: string, long?: string, byte?: string, char?: string) => {
    const hex = short ?? long ?? byte
    return hex === undefined ? ESCAPES[char ?? ''] ?? whole : String.fromCodePoint(Number.parseInt(hex, 16))
  })
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++
  return at
}

/** Over white space, line ends and comments. */
function skipTrivia(text: string, from: number): number {
  let at = from
  for (;;) {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++
    if (text.charAt(at) !== '#') return at
    const end = text.indexOf('\n', at)
    at = end < 0 ? text.length : end
  }
}

/** Behind the end of the line: nothing but blanks and a comment comes before it. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end + 1
}

function skipValue(text: string, from: number): number {
  const first = text.charAt(from)
  if (first === '"' || first === "'") return skipString(text, from)
  if (first === '[' || first === '{') return skipBrackets(text, from)
  let at = from
  while (at < text.length && !',]}#\n\r'.includes(text.charAt(at))) at++
  while (at > from && ' \t'.includes(text.charAt(at - 1))) at--
  return at
}

function skipBrackets(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length;) {
    const char = text.charAt(at)
    if (char === '"' || char === "'") {
      at = skipString(text, at)
      continue
    }
    if (char === '#') {
      at = skipTrivia(text, at)
      continue
    }
    if (char === '[' || char === '{') depth++
    if (char === ']' || char === '}') depth--
    at++
    if (depth === 0) return at
  }
  return text.length
}

/** Behind a text in any of the four kinds of quotes. */
function skipString(text: string, from: number): number {
  const quote = text.charAt(from)
  const isLong = text.startsWith(quote.repeat(3), from)
  const closing = isLong ? quote.repeat(3) : quote
  let at = from + closing.length
  while (at < text.length && !text.startsWith(closing, at)) at += quote === '"' && text.charAt(at) === '\\' ? 2 : 1
  at += closing.length
  // a long text may end with one or two quotes of its own
  if (isLong && text.charAt(at) === quote) at += text.charAt(at + 1) === quote ? 2 : 1
  return Math.min(at, text.length)
}
