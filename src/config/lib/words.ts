// SPDX-License-Identifier: Apache-2.0

/** A part of a text that holds words: the value of a variable inside its quotes, the rest of an ExecStart= line. */
export interface Region {
  readonly start: number
  readonly end: number
  /** the quotes around it, which words inside cannot have unescaped */
  readonly quote: '' | '"' | "'"
}

/** A word of a command line, where it stands. */
export interface Word {
  readonly start: number
  readonly end: number
  /** as it is written, with quotes and backslashes */
  readonly raw: string
}

/** Blanks, line ends that a backslash joins, and the comment lines that may stand after these (systemd.syntax(7)). */
const SEPARATOR = /(?:\s|\\\r?\n(?:[ \t]*[#;][^\n]*(?:\n|$))*)+/y

/** The words of a region, split as systemd splits command lines and as the shell would: quotes inside hold blanks together. */
export function wordsIn(text: string, region: Region): readonly Word[] {
  const words: Word[] = []
  let at = afterSeparator(text, region.start, region.end)
  while (at < region.end) {
    const end = endOfWord(text, at, region)
    words.push({start: at, end, raw: text.slice(at, end)})
    at = afterSeparator(text, end, region.end)
  }
  return words
}

function afterSeparator(text: string, at: number, end: number): number {
  SEPARATOR.lastIndex = at
  const found = SEPARATOR.exec(text)
  return found === null ? at : Math.min(end, at + found[0].length)
}

function endOfWord(text: string, start: number, {end, quote}: Region): number {
  let open = ''
  let i = start
  for (; i < end; i++) {
    const c = text.charAt(i)
    if (c === '\\') {
      const next = text.charAt(i + 1)
      if (next === '\n' || next === '\r') return i
      // inside "…" an escaped quote is the inner kind of quote
      if (quote === '"' && next === '"') open = toggled(open, '"')
      i++
    } else if (open === '' && /\s/.test(c)) return i
    else if (c === '"' || c === "'") open = toggled(open, c)
  }
  return Math.min(i, end)
}

function toggled(open: string, quote: string): string {
  if (open === '') return quote
  return open === quote ? '' : open
}

/** A change of a text: what stands from `start` to `end` becomes `text`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies changes that do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = text
  for (const {start, end, text: replacement} of [...splices].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + replacement + result.slice(end)
  }
  return result
}

/**
 * Takes words out of a region, each with the blank before it, or the blank after it where it is the first. A blank that has a comment
 * in it stays.
 */
export function withoutWords(text: string, region: Region, all: readonly Word[], gone: ReadonlySet<Word>): readonly Splice[] {
  const splices: Splice[] = []
  let kept = region.start
  let isFirst = true
  for (const [i, word] of all.entries()) {
    if (!gone.has(word)) {
      kept = word.end
      isFirst = false
      continue
    }
    const end = isFirst ? all[i + 1]?.start ?? word.end : word.end
    const start = isFirst ? word.start : kept
    const between = text.slice(start, word.start) + text.slice(word.end, end)
    splices.push(/[#;]/.test(between) ? {start: word.start, end: word.end, text: ''} : {start, end, text: ''})
    kept = end
  }
  return splices
}
