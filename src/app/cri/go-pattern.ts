// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../model/user-error.ts'

/** Whether a text matches. */
export type Pattern = (text: string) => boolean

/** What POSIX calls sets of characters, which JavaScript does not know. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7f', blank: '\\t ', cntrl: '\\x00-\\x1f\\x7f', digit: '0-9', graph: '!-~', lower: 'a-z',
  print: ' -~', punct: '!-\\/:-@\\[-`{-~', space: '\\t\\n\\v\\f\\r ', upper: 'A-Z', word: '0-9A-Za-z_', xdigit: '0-9A-Fa-f',
}

/**
 * A regular expression in Go's spelling (regexp/syntax) as crictl takes it: it may match anywhere in a text. Of what Go
 * has and JavaScript has not, flags in front (`(?i)`), names of groups (`(?P<name>…)`), `\A`, `\z` and POSIX sets are read.
 *
 * @param option that it was given with, for the error
 * @param text '' matches everything
 * @throws UserError when it is none
 */
export function compilePattern(option: string, text: string | undefined): Pattern {
  if (text === undefined || text === '') return () => true
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text) ?? []
  try {
    const expression = new RegExp(spelledForJavaScript(rest), `${[...new Set(flags)].join('')}u`)
    return (candidate) => expression.test(candidate)
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1)
    throw new UserError(`${option}: "${text}" is no regular expression: ${reason}.`, 'To match a character that means something, such as ".", put a backslash before it.')
  }
}

function spelledForJavaScript(text: string): string {
  return text.replace(/\\Q(.*?)(?:\\E|$)|\\[Az]|\\[-_@#%&=!<>,;:"'`~ ]|\\.|\(\?P<|\[:(\w+):\]/gs, (found, literal: string | undefined, set: string | undefined) => {
    if (literal !== undefined) return literal.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    if (set !== undefined) return POSIX[set] ?? found
    if (found === '(?P<') return '(?<'
    if (found === String.raw`\A`) return '^'
    if (found === String.raw`\z`) return '$'
    // Go takes a backslash before any punctuation, JavaScript only before what means something.
    return /^\\[-_@#%&=!<>,;:"'`~ ]$/.test(found) ? `\\x${found.charCodeAt(1).toString(16).padStart(2, '0')}` : found
  })
}
