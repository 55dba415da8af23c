// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

/** A word of bash that stands for exactly this text, whatever is in it. What could drive a terminal is written as escapes. */
export function quoted(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text
  if (visible(text) === text) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  const escaped = Array.from(text, (character) => {
    if (character === '\\' || character === "'") return `\\${character}`
    return visible(character) === character ? character : [...Buffer.from(character)].map((byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  return `$'${escaped.join('')}'`
}

/** Text for a comment of one line. */
export function comment(text: string): string {
  return `# ${visible(text)}`.trimEnd()
}

/**
 * A command that gets a text on its standard input, byte for byte: as a here-document that nothing in the text can end, or as base64
 * where the text has characters that a terminal obeys, or that bash cannot hold.
 */
export function withInput(command: string, text: string): readonly string[] {
  const plain = visible(text.replaceAll(/[\n\t]/g, '')) === text.replaceAll(/[\n\t]/g, '')
  const content = plain ? text : Buffer.from(text).toString('base64').replaceAll(/.{1,76}/g, '$&\n')
  const lines = content.split('\n')
  let end = 'RTCTL_EOF'
  while (lines.includes(end)) end += '_'
  const body = [...(lines.at(-1) === '' ? lines.slice(0, -1) : lines), end]
  if (!plain) return [`base64 --decode <<'${end}' | ${command}`, ...body]
  if (text === '') return [`${command} < /dev/null`]
  // A here-document always ends with a line feed.
  return [text.endsWith('\n') ? `${command} <<'${end}'` : `head --bytes=${Buffer.byteLength(text)} <<'${end}' | ${command}`, ...body]
}
