// SPDX-License-Identifier: Apache-2.0

/**
 * What cloud-init runs of its user data, as a shell script with the same line numbers: a script as it is; of `#cloud-config` the
 * items of lists, written as text or as `[program, argument]`, and the lines of block texts. Keys with a value are left blank.
 */
export function userDataAsShell(text: string): string {
  if (!/^#cloud-config/m.test(text.slice(0, 100_000)) && text.startsWith('#!')) return text
  return text.split('\n').map((line) => commandOf(line.slice(0, 4096))).join('\n')
}

function commandOf(line: string): string {
  const text = line.trim()
  if (text.startsWith('#') || /^[\w-]{1,60}:(?:\s|$)/.test(text)) return ''
  const item = /^-\s+(\S.*)$/.exec(text)?.[1]
  if (item === undefined) return /^[[{]/.test(text) ? '' : text
  if (/^[\w-]{1,60}:\s/.test(item)) return ''
  if (item.startsWith('[') && item.endsWith(']')) return wordsOf(item.slice(1, -1))
  return unquoted(item)
}

/** `sh, -c, "docker ps"` → `sh -c 'docker ps'` */
function wordsOf(list: string): string {
  const words = list.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^,\s][^,]*/g) ?? []
  return words.map((word) => `'${unquoted(word.trim()).replaceAll("'", "'\\''")}'`).join(' ')
}

function unquoted(text: string): string {
  const quote = text[0]
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text
}
