// SPDX-License-Identifier: Apache-2.0
// The roff that man pages are made of. By hand: what turns Markdown into roff has no lists of terms, which is what options are, and
// its output does not pass mandoc's lint.

/** Where a line is broken; mandoc complains beyond 80. */
const WIDTH = 78

/** What means something to roff, or comes out as another character than the one that is typed into a shell. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\e`,
  // as a minus: a hyphen is another character in UTF-8, and what is copied from the page has to work
  '-': String.raw`\-`,
  "'": String.raw`\(aq`,
  '`': String.raw`\(ga`,
  '^': String.raw`\(ha`,
  '~': String.raw`\(ti`,
}

/** Text as it is, for use within a line. Characters that are not ASCII go by their number, control characters are left out. */
export function literal(text: string): string {
  return text
    .replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '')
    .replaceAll(/[\\'`^~-]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll(/[^\x00-\x7f]/gu, (character) => String.raw`\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`)
}

export function bold(text: string): string {
  return text === '' ? '' : String.raw`\fB${literal(text)}\fR`
}

export function italic(text: string): string {
  return text === '' ? '' : String.raw`\fI${literal(text)}\fR`
}

/** An argument of a macro, in quotes. */
export function argument(text: string): string {
  return `"${literal(text).replaceAll('"', String.raw`\(dq`)}"`
}

/** Running text with `code` in backquotes, as lines: a new one for each sentence. Blank lines part paragraphs. */
export function prose(text: string): string {
  return text.split(/\n{2,}/).map((paragraph) => (
    paragraph.replaceAll(/\s+/g, ' ').trim().split(/(?<=[.!?]) (?=[A-Z`"(])/).map((sentence) => filled(inline(sentence))).join('\n')
  )).join('\n.PP\n')
}

/** Lines that stay as they are: commands and what they print. */
export function example(lines: readonly string[]): string {
  return ['.RS 4', '.EX', ...lines.map((line) => guarded(literal(line))), '.EE', '.RE'].join('\n')
}

/** A term and what it is, in the form of a list of options. */
export function term(tag: string, text: string): string {
  return ['.TP', guarded(tag), text].join('\n')
}

/** Pages to go on with, `rtctl(1)`, with commas between them. */
export function references(names: readonly string[]): string {
  return names.map((name) => `.BR ${literal(name)} (1)`).join(',\n')
}

/** `code` becomes bold; the rest is text. */
function inline(text: string): string {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 0 ? literal(part) : bold(part))).join('')
}

/** Breaks roff at its spaces, so that no line is too long and none is taken for a macro. */
export function filled(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map(guarded).join('\n')
}

/** A line that starts with a dot would be a macro. An apostrophe is escaped by then. */
function guarded(line: string): string {
  return line.startsWith('.') ? String.raw`\&${line}` : line
}
