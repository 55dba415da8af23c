// SPDX-License-Identifier: Apache-2.0
import {templateError} from './errors.ts'

/** A piece of a template. `offset` is where it begins, in the whole text. */
export type Token =
  /** outside of `{{ }}` */
  | {readonly kind: 'text'; readonly text: string; readonly offset: number}
  | {readonly kind: 'open' | 'close'; readonly offset: number}
  | {readonly kind: 'space'; readonly offset: number}
  /** `.name` */
  | {readonly kind: 'field'; readonly name: string; readonly offset: number}
  /** `$` or `$name`; the name with its `$` */
  | {readonly kind: 'variable'; readonly name: string; readonly offset: number}
  /** a keyword, a constant or a function */
  | {readonly kind: 'word'; readonly name: string; readonly offset: number}
  | {readonly kind: 'string'; readonly value: string; readonly offset: number}
  | {readonly kind: 'number'; readonly value: bigint; readonly offset: number}
  | {readonly kind: 'mark'; readonly mark: '.' | '|' | '(' | ')' | ':=' | '=' | ','; readonly offset: number}

const SPACE = ' \\t\\r\\n'
const TRIM_BEFORE = new RegExp(`[${SPACE}]+$`)
const TRIM_AFTER = new RegExp(`^[${SPACE}]+`)

const COMMENT = new RegExp(String.raw`^[${SPACE}]*/\*.*?\*/([${SPACE}]+-)?\}\}`, 's')
const CLOSE = new RegExp(String.raw`([${SPACE}]+-)?\}\}`, 'y')

/** What can stand inside of `{{ }}`, one after the other. Names as in Go: letters of all languages. */
const INSIDE = new RegExp([
  `(?<space>[${SPACE}]+)`,
  String.raw`\.(?<field>[\p{L}_][\p{L}\p{Nd}_]*)`,
  String.raw`(?<variable>\$[\p{L}\p{Nd}_]*)`,
  String.raw`(?<word>[\p{L}_][\p{L}\p{Nd}_]*)`,
  String.raw`(?<string>"(?:[^"\\\n]|\\.)*")`,
  '`(?<raw>[^`]*)`',
  String.raw`(?<char>'(?:[^'\\\n]|\\.)')`,
  String.raw`(?<number>[+-]?\d[\p{L}\p{Nd}_.]*)`,
  String.raw`(?<mark>:=|[.|()=,])`,
].join('|'), 'suy')

/**
 * The tokens of a template.
 *
 * @throws UserError where one is none
 */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = []
  let trimmed = false
  for (let offset = 0; offset < text.length;) {
    const open = text.indexOf('{{', offset)
    const end = open === -1 ? text.length : open
    const trimsBefore = open !== -1 && /^\{\{-[ \t\r\n]/.test(text.slice(open, open + 4))
    pushText(tokens, text.slice(offset, end), offset, {before: trimmed, after: trimsBefore})
    if (open === -1) break
    const start = open + (trimsBefore ? 3 : 2)
    const action = isComment(text, start) ? skipComment(text, start, open) : lexAction(text, start, open)
    tokens.push(...action.tokens)
    offset = action.end
    trimmed = action.trimmed
  }
  return tokens
}

function pushText(tokens: Token[], text: string, offset: number, trim: {readonly before: boolean; readonly after: boolean}): void {
  const start = trim.before ? text.replace(TRIM_AFTER, '') : text
  const rest = trim.after ? start.replace(TRIM_BEFORE, '') : start
  if (rest !== '') tokens.push({kind: 'text', text: rest, offset})
}

interface Action {
  readonly tokens: readonly Token[]
  readonly end: number
  /** the text behind loses the space it begins with */
  readonly trimmed: boolean
}

function isComment(text: string, start: number): boolean {
  return text.slice(start).replace(TRIM_AFTER, '').startsWith('/*')
}

function skipComment(text: string, start: number, open: number): Action {
  const [whole, trim] = COMMENT.exec(text.slice(start)) ?? []
  if (whole === undefined) throw templateError(text, open, 'the comment does not end with */}}')
  return {tokens: [], end: start + whole.length, trimmed: trim !== undefined}
}

function lexAction(text: string, start: number, open: number): Action {
  const tokens: Token[] = [{kind: 'open', offset: open}]
  for (let offset = start; offset < text.length;) {
    CLOSE.lastIndex = offset
    const [close, trim] = CLOSE.exec(text) ?? []
    if (close !== undefined) return {tokens: [...tokens, {kind: 'close', offset}], end: offset + close.length, trimmed: trim !== undefined}
    INSIDE.lastIndex = offset
    const match = INSIDE.exec(text)
    if (match === null) throw templateError(text, offset, `"${String.fromCodePoint(text.codePointAt(offset) ?? 0)}" means nothing here`)
    tokens.push(tokenOf(match, text, offset))
    offset += match[0].length
  }
  throw templateError(text, open, 'the {{ has no }}')
}

function tokenOf({groups = {}}: RegExpExecArray, text: string, offset: number): Token {
  const {field, variable, word, string, raw, char, number, mark} = groups
  if (field !== undefined) return {kind: 'field', name: field, offset}
  if (variable !== undefined) return {kind: 'variable', name: variable, offset}
  if (word !== undefined) return {kind: 'word', name: word, offset}
  if (string !== undefined) return {kind: 'string', value: unquote(string.slice(1, -1), text, offset), offset}
  if (raw !== undefined) return {kind: 'string', value: raw, offset}
  if (char !== undefined) return {kind: 'number', value: BigInt(unquote(char.slice(1, -1), text, offset).codePointAt(0) ?? 0), offset}
  if (number !== undefined) return {kind: 'number', value: integer(number, text, offset), offset}
  if (mark !== undefined) return {kind: 'mark', mark: mark as '.', offset}
  return {kind: 'space', offset}
}

function integer(digits: string, text: string, offset: number): bigint {
  if (!/^[+-]?\d{1,19}$/.test(digits)) throw templateError(text, offset, `"${digits}" is no whole number`)
  return BigInt(digits.replace('+', ''))
}

const ESCAPES: Readonly<Record<string, string>> = {n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v', '\\': '\\', '"': '"', '\'': '\''}

function unquote(quoted: string, text: string, offset: number): string {
  return quoted.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (found, x, u, long, letter: string | undefined) => {
    const code = x ?? u ?? long
    if (code !== undefined && parseInt(code, 16) <= 0x10_ffff) return String.fromCodePoint(parseInt(code, 16))
    const plain = letter !== undefined && Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (plain === undefined) throw templateError(text, offset, `a string cannot have ${found}`)
    return plain
  })
}
