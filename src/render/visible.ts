// SPDX-License-Identifier: Apache-2.0

// C0 and C1 controls, DEL, line and paragraph separators, and the marks that reorder or hide text
// (zero-width, bidirectional embedding and isolates, byte order mark, tags): what could drive or fool a terminal.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udfff](?![\udc00-\udfff])/gu

/**
 * Makes text that came from a host safe and honest on a terminal: control characters and invisible marks are
 * shown as escapes (`\x1b`, `\n`, `\u202e`) instead of being obeyed. Everything else stays as it is.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, escapeOf)
}

function escapeOf(character: string): string {
  if (character === '\n') return String.raw`\n`
  if (character === '\t') return String.raw`\t`
  if (character === '\r') return String.raw`\r`
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return String.raw`\x` + code.toString(16).padStart(2, '0')
  return code > 0xffff ? String.raw`\u{${code.toString(16)}}` : String.raw`\u` + code.toString(16).padStart(4, '0')
}
