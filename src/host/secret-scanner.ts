// SPDX-License-Identifier: Apache-2.0
import {isAllowedVariable, isHiddenPair, isSecretName, saysNothing} from './secret-names.ts'

/** Why something was taken out. Stable: snapshots carry these names. */
export type RedactionRule = 'bearer' | 'env' | 'jwt' | 'pem' | 'secret-value' | 'url-userinfo'

/** A part of a text that is a secret, as UTF-16 offsets. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly rule: RedactionRule
  /** quotation mark to put around the replacement, where a bare value of JSON stood */
  readonly quote?: string
}

/** What stands where a secret was. */
export const REPLACEMENT = '[redacted]'

// Every rule starts at one of these. Few texts hold any, so this is the only pass over most of them.
const TRIGGER =
  /-----BEGIN|:\/\/|eyJ|bearer|env(?=\\{0,7}["']?\s{0,8}[:=])|value(?=\\{0,7}["']?\s{0,8}:)|pass|secret|token|credential|auth|key-?data|(?:api|access|account|certificate|encryption|license|private|shared|signing)[-_]?key/gi

// How far to look around a trigger. Real names and indents are shorter; bounds keep the work linear on hostile text.
const NAME_LENGTH = 128
const LOOK_BACK = 300
const SPACES = 64
const BACKSLASHES = 7
const USERINFO_LENGTH = 256

const NAME_CHARACTER = /[\w.-]/
const JSON_BEGINNING = /^\s{0,64}(?:\{|\[\s{0,64}[{"])/
const ARRAY = /\\{0,7}["']?\s{0,16}[:=]\s{0,16}\[/y
const JWT_PART = 8
const NO_JWT_CHARACTER = /[^\w-]/g
const BEARER = /[ \t]{1,64}(?=[\w.~+/=-]{16})/y
const NO_BEARER_CHARACTER = /[^\w.~+/=-]/g
const SCHEME = /^(?:basic|bearer|digest|negotiate|token)[ \t]/i
const PAIR_NAME = /name\\{0,7}["']?\s{0,8}:\s{0,8}\\{0,7}["']?([\w.-]{1,128})\\{0,7}["']?\s{0,64},?\s{0,64}\\{0,7}["']?$/i
const BLOCK_SCALAR = /[|>][-+0-9]{0,2}[ \t]{0,16}(?:#[^\n]{0,200})?\r?\n/y
const PEM_BEGINNING = /-----BEGIN [A-Z0-9 ]{1,64}-----/y
const QUOTE = /(\\{0,7})(["'])/y
const WORD_END = /[\s\0"'<>]/g
const BARE_JSON_END = /[\s,}\]]/g
const LINE_END = /[\r\n\0]/g
const NUL = /\0/g

/**
 * Finds secrets in a text of any format: one pass from left to right, in linear time, without overlaps.
 *
 * @param isCmdline the text is a `/proc/PID/cmdline`: a NUL ends each argument, and a value reaches up to it
 */
export function findSecrets(text: string, isCmdline: boolean): readonly Span[] {
  TRIGGER.lastIndex = 0
  if (!TRIGGER.test(text)) return []
  const scanner = new Scanner(text, isCmdline)
  scanner.scan(0, text.length)
  return scanner.spans
}

interface Range {
  readonly start: number
  readonly end: number
  readonly quote?: string
}

/** A quotation mark, with the backslashes before it that its level of nesting takes: 0, 1, 3 or 7. */
interface Quote {
  readonly mark: string
  readonly backslashes: number
  /** offset after the mark */
  readonly after: number
}

class Scanner {
  readonly spans: Span[] = []
  readonly #text: string
  readonly #isCmdline: boolean
  readonly #isJson: boolean
  /** Nothing before is looked at again. A second run, where a replacement stands there, must decide the same. */
  #floor = 0
  #lastPair = 0
  #pemEnd = -1
  /** the line of a string of JSON that was last looked for the end of */
  #line: Range = {start: 0, end: 0}
  #inEnvironment = false

  constructor(text: string, isCmdline: boolean) {
    this.#text = text
    this.#isCmdline = isCmdline
    this.#isJson = JSON_BEGINNING.test(text)
  }

  scan(from: number, to: number): void {
    for (let at = from; at < to; ) {
      TRIGGER.lastIndex = at
      const match = TRIGGER.exec(this.#text)
      if (match === null || match.index >= to) return
      at = Math.max(this.#found(match[0], match.index, to), match.index + 1)
    }
  }

  /** Looks at what stands around a trigger; gives where to go on. */
  #found(trigger: string, at: number, to: number): number {
    const after = at + trigger.length
    switch (trigger.toLowerCase()) {
      case '-----begin':
        return this.#pem(at, after, to)
      case '://':
        return this.#url(at, after, to)
      case 'eyj':
        return this.#jwt(at, after, to)
      case 'bearer':
        return this.#bearer(after, to)
      case 'env':
        return this.#environment(after, to)
      case 'value':
        return this.#pairValue(at, after, to)
      default:
        return this.#named(at, after, to)
    }
  }

  #hide({start, end, quote}: Range, rule: RedactionRule): number {
    if (this.#text.startsWith(REPLACEMENT, start)) return (this.#floor = start + REPLACEMENT.length)
    if (start >= end) return start
    this.spans.push(quote === undefined ? {start, end, rule} : {start, end, rule, quote})
    return (this.#floor = end)
  }

  /** The character before, if it may be looked at; a line feed at the beginning of the text. */
  #before(at: number): string {
    if (at === 0) return '\n'
    return at > this.#floor ? (this.#text[at - 1] ?? '') : ''
  }

  /** A key that was cut off is a key all the same: it reaches to the end of the text, or of the string of JSON. */
  #pem(at: number, after: number, to: number): number {
    PEM_BEGINNING.lastIndex = at
    if (!PEM_BEGINNING.test(this.#text)) return after
    const end = Math.min(to, this.#pemEndAfter(PEM_BEGINNING.lastIndex))
    return this.#hide({start: at, end: this.#isJson ? this.#stringEnd(at, end, false) : end}, 'pem')
  }

  /** Looked for once: there may be many beginnings and one end, or none. */
  #pemEndAfter(from: number): number {
    if (this.#pemEnd < from) {
      const last = this.#text.indexOf('-----END ', from)
      const dashes = last < 0 ? -1 : this.#text.indexOf('-----', last + '-----END '.length)
      this.#pemEnd = dashes < 0 ? this.#text.length : dashes + '-----'.length
    }
    return this.#pemEnd
  }

  #jwt(at: number, after: number, to: number): number {
    const before = this.#before(at)
    if (before === '-' || /\w/.test(before) || !this.#text.startsWith('eyJ', at)) return after
    const first = this.#first(NO_JWT_CHARACTER, at, to)
    if (first - after < JWT_PART || this.#text[first] !== '.') return first
    const second = this.#first(NO_JWT_CHARACTER, first + 1, to)
    if (second - first <= JWT_PART) return second
    return this.#hide({start: at, end: this.#text[second] === '.' ? this.#first(NO_JWT_CHARACTER, second + 1, to) : second}, 'jwt')
  }

  #bearer(after: number, to: number): number {
    BEARER.lastIndex = after
    if (!BEARER.test(this.#text)) return after
    const start = BEARER.lastIndex
    return this.#hide({start, end: this.#first(NO_BEARER_CHARACTER, start, to)}, 'bearer')
  }

  /** `scheme://user:password@host`. A user alone may be a token, but hardly so for ssh. */
  #url(at: number, after: number, to: number): number {
    const end = this.#userinfoEnd(after, to)
    if (end <= after) return after
    const userinfo = this.#text.slice(after, end)
    if (!userinfo.includes(':') && this.#text.slice(Math.max(this.#floor, at - 3), at).toLowerCase() === 'ssh') return end
    return this.#hide({start: after, end}, 'url-userinfo')
  }

  /** Offset of the last `@` before the host ends, or 0. A `/` may belong to a password that was not escaped. */
  #userinfoEnd(from: number, to: number): number {
    let found = 0
    let colon = 0
    for (let at = from; at < Math.min(to, from + USERINFO_LENGTH); at++) {
      const character = this.#text[at] ?? ''
      if (character === '@') found = at
      else if (character === ':' && colon === 0) colon = at
      else if (/[\s\0"'<>`\\]/.test(character)) return found
      else if (/[/?#]/.test(character) && (found > 0 || colon === 0 || /^[\d\]]?[\d:\]]*$/.test(this.#text.slice(colon + 1, at)))) return found
    }
    return found
  }

  /** `"Env": ["NAME=value", …]` of OCI and Docker, `env = [ … ]` of TOML. */
  #environment(after: number, to: number): number {
    ARRAY.lastIndex = after
    if (this.#inEnvironment || !ARRAY.test(this.#text)) return after
    let at = ARRAY.lastIndex
    for (;;) {
      while (at < to && /[\s,]/.test(this.#text[at] ?? '')) at++
      const quote = this.#quote(at)
      if (quote === undefined || at >= to) return Math.max(at, after)
      const end = this.#closing(quote, this.#isInString(quote) ? this.#lineEnd(quote.after, to) : to)
      this.#variable(quote.after, end)
      at = Math.max(end + quote.backslashes + 1, quote.after)
    }
  }

  #variable(start: number, end: number): void {
    const beginning = this.#text.slice(start, Math.min(end, start + LOOK_BACK))
    const equals = beginning.indexOf('=')
    if (equals >= 0 && !isAllowedVariable(beginning.slice(0, equals))) {
      this.#hide({start: start + equals + 1, end}, 'env')
      return
    }
    this.#inEnvironment = true
    this.scan(start, end)
    this.#inEnvironment = false
  }

  /** The `value` beside a `name`, as Kubernetes writes variables in JSON and YAML. */
  #pairValue(at: number, after: number, to: number): number {
    const before = this.#text.slice(Math.max(this.#floor, this.#lastPair, at - LOOK_BACK), at)
    this.#lastPair = at
    const name = PAIR_NAME.exec(before)?.[1]
    if (name === undefined || !isHiddenPair(name)) return after
    return this.#hideValue(this.#value(at, after, to), 'env') ?? after
  }

  /** A member, setting, variable or flag whose name says that its value is a secret. */
  #named(at: number, after: number, to: number): number {
    let start = at
    while (start > Math.max(this.#floor, at - NAME_LENGTH) && NAME_CHARACTER.test(this.#text[start - 1] ?? '')) start--
    let end = after
    while (end < Math.min(to, at + NAME_LENGTH) && NAME_CHARACTER.test(this.#text[end] ?? '')) end++
    const name = this.#text.slice(start, end)
    const isAuthorization = /authorization$/i.test(name)
    if (!isAuthorization && !isSecretName(name)) return end
    const value = this.#value(start, end, to) ?? this.#flagValue(start, end, to)
    if (isAuthorization && (value === undefined || !SCHEME.test(this.#text.slice(value.start, value.start + 16)))) return end
    return this.#hideValue(value, 'secret-value') ?? end
  }

  #hideValue(value: Range | undefined, rule: RedactionRule): number | undefined {
    if (value === undefined) return undefined
    if (value.end - value.start < LOOK_BACK && saysNothing(this.#text.slice(value.start, value.end))) return value.end
    return this.#hide(value, rule)
  }

  /** The value after `name:` or `name=`, the name lying at [start, end). */
  #value(start: number, end: number, to: number): Range | undefined {
    const closing = this.#quote(end)
    const separator = this.#skipSpaces(closing?.after ?? end, closing !== undefined)
    const sign = this.#text[separator]
    if (separator >= to || (sign !== ':' && sign !== '=')) return undefined
    const next = this.#text[separator + 1] ?? '\n'
    // `repository:tag`, `==` and `=~` are no settings.
    if (closing === undefined && (sign === ':' ? !/\s/.test(next) : /[=~]/.test(next) && !this.#isCmdline)) return undefined
    if (this.#isCmdline && sign === '=') return {start: separator + 1, end: this.#first(NUL, separator + 1, to)}
    const from = this.#skipSpaces(separator + 1, closing !== undefined)
    if (this.#text.startsWith(REPLACEMENT, from)) return {start: from, end: from + REPLACEMENT.length}
    const limit = this.#isInString(closing) ? this.#lineEnd(from, to) : to
    const quoted = this.#quoted(from, limit)
    if (quoted !== undefined) return quoted
    if (closing !== undefined) return this.#bareJson(from, limit, closing)
    return sign === ':' ? this.#plain(start, from, limit) : this.#assigned(start, from, limit, to)
  }

  /** The argument after `--token`: the next word, the next NUL-separated argument, or the next string of an array. */
  #flagValue(start: number, end: number, to: number): Range | undefined {
    if (this.#text[start] !== '-' || !/[\s\0"']/.test(this.#before(start))) return undefined
    const closing = this.#quote(end)
    if (closing !== undefined) {
      const comma = this.#skipSpaces(closing.after, true)
      if (this.#text[comma] !== ',') return undefined
      const next = this.#skipSpaces(comma + 1, true)
      const string = this.#quoted(next, this.#isInString(closing) ? this.#lineEnd(next, to) : to)
      return string === undefined || this.#text[string.start] === '-' ? undefined : string
    }
    if (!/[\0 \t]/.test(this.#text[end] ?? '\n')) return undefined
    const from = this.#isCmdline ? end + 1 : this.#skipSpaces(end, false)
    if (from >= to || this.#text[from] === '-') return undefined
    if (this.#text.startsWith(REPLACEMENT, from)) return {start: from, end: from + REPLACEMENT.length}
    if (this.#isCmdline) return {start: from, end: this.#first(NUL, from, to)}
    const limit = this.#isInString(undefined) ? this.#lineEnd(from, to) : to
    return this.#quoted(from, limit) ?? this.#word(from, limit)
  }

  /** Whether this is JSON and, told by the quotation mark after a name, the name lies inside a string of it. */
  #isInString(quote: Quote | undefined): boolean {
    return this.#isJson && !(quote?.mark === '"' && quote.backslashes === 0)
  }

  /** Where a line ends inside a string of JSON. Many names may stand in one long line. */
  #lineEnd(from: number, to: number): number {
    if (from < this.#line.start || from > this.#line.end) this.#line = {start: from, end: this.#stringEnd(from, this.#text.length, true)}
    return Math.min(to, this.#line.end)
  }

  /** `[…]` and `{…}` are looked into, not taken out. */
  #bareJson(from: number, to: number, key: Quote): Range | undefined {
    if (/[[{]/.test(this.#text[from] ?? '[')) return undefined
    return {start: from, end: this.#first(BARE_JSON_END, from, to), quote: '\\'.repeat(key.backslashes) + key.mark}
  }

  /** A plain scalar of YAML, or what follows a colon in any text: the rest of the line, or an indented block. */
  #plain(start: number, from: number, to: number): Range | undefined {
    if (/[[{\n\r]/.test(this.#text[from] ?? '\n')) return undefined
    BLOCK_SCALAR.lastIndex = from
    if (!this.#isJson && BLOCK_SCALAR.test(this.#text)) {
      const block = this.#block(start, BLOCK_SCALAR.lastIndex, to)
      if (block !== undefined) return block
    }
    const end = this.#isCmdline ? this.#first(NUL, from, to) : this.#isJson ? to : this.#first(LINE_END, from, to)
    return {start: from, end: this.#trimmed(from, end, /[\s,}\]]/)}
  }

  /** Lines that are indented more than the line that the name is in. */
  #block(start: number, from: number, to: number): Range | undefined {
    const line = this.#text.slice(Math.max(this.#floor, start - LOOK_BACK), start)
    const feed = line.lastIndexOf('\n')
    if (feed < 0 && this.#floor < start && start > LOOK_BACK) return undefined
    const indent = /^[ ]*/.exec(line.slice(feed + 1))?.[0].length ?? 0
    let first = -1
    let last = from
    for (let at = from; at < to; ) {
      const end = this.#first(/\n/g, at, to)
      const text = this.#text.slice(at, end).trimEnd()
      const inner = /^[ ]*/.exec(text)?.[0].length ?? 0
      if (text !== '' && inner <= indent) break
      if (text !== '' && first < 0) first = at + inner
      if (text !== '') last = at + text.length
      at = end + 1
    }
    return first < 0 ? undefined : {start: first, end: last}
  }

  /** What follows `NAME=`: the rest of its quotes, its line, or its word. */
  #assigned(start: number, from: number, limit: number, to: number): Range | undefined {
    if (/[[{]/.test(this.#text[from] ?? '[')) return undefined
    const before = this.#before(start)
    if (before === '"' || before === "'") {
      let backslashes = 0
      while (backslashes < BACKSLASHES && this.#before(start - 1 - backslashes) === '\\') backslashes++
      const quote = {mark: before, backslashes, after: from}
      return {start: from, end: this.#closing(quote, this.#isInString(quote) ? limit : to)}
    }
    if (this.#isJson || !this.#isLineStart(start)) return this.#word(from, limit)
    return {start: from, end: this.#trimmed(from, this.#first(LINE_END, from, limit), /\s/)}
  }

  #isLineStart(start: number): boolean {
    let at = start
    while (at > start - SPACES && /[ \t]/.test(this.#before(at))) at--
    return this.#before(at) === '\n'
  }

  #word(from: number, to: number): Range {
    return {start: from, end: this.#trimmed(from, this.#first(WORD_END, from, to), /\\/)}
  }

  /** The inside of the string that begins here. */
  #quoted(at: number, to: number): Range | undefined {
    const quote = this.#quote(at)
    return quote === undefined || quote.after > to ? undefined : {start: quote.after, end: this.#closing(quote, to)}
  }

  #quote(at: number): Quote | undefined {
    QUOTE.lastIndex = at
    const match = QUOTE.exec(this.#text)
    return match === null ? undefined : {backslashes: (match[1] ?? '').length, mark: match[2] ?? '', after: QUOTE.lastIndex}
  }

  /**
   * Where the inside of a string ends. At each level of nesting a quotation mark has one backslash more than twice
   * those of the level outside, so the number of backslashes tells a closing mark from one that is part of the text.
   */
  #closing(quote: Quote, to: number): number {
    for (let at = quote.after; ; at++) {
      at = this.#text.indexOf(quote.mark, at)
      if (at < 0 || at >= to) return this.#trimmed(quote.after, this.#first(LINE_END, quote.after, to), /\s/)
      if (quote.mark === "'" && quote.backslashes === 0 && this.#text[at + 1] === "'") {
        at++
        continue
      }
      let backslashes = 0
      while (at - backslashes > quote.after && this.#text[at - backslashes - 1] === '\\') backslashes++
      const nesting = quote.backslashes + 1
      if (backslashes < quote.backslashes || backslashes % (2 * nesting) === quote.backslashes) {
        return Math.max(quote.after, at - Math.min(backslashes, quote.backslashes))
      }
    }
  }

  /** Where a string of JSON ends, or at its first escaped line feed. */
  #stringEnd(from: number, to: number, atLineFeed: boolean): number {
    for (let at = from; at < to; at++) {
      const character = this.#text[at]
      if (character === '"' || character === '\n') return at
      if (character !== '\\') continue
      if (atLineFeed && /[nr]/.test(this.#text[at + 1] ?? '')) return at
      at++
    }
    return to
  }

  #first(pattern: RegExp, from: number, to: number): number {
    pattern.lastIndex = from
    const match = pattern.exec(this.#text)
    return match === null ? to : Math.min(to, match.index)
  }

  #trimmed(from: number, end: number, tail: RegExp): number {
    let at = end
    while (at > from && tail.test(this.#text[at - 1] ?? '')) at--
    return at
  }

  #skipSpaces(from: number, lines: boolean): number {
    let at = from
    while (at < from + SPACES && (lines ? /\s/ : /[ \t]/).test(this.#text[at] ?? '')) at++
    return at
  }
}
