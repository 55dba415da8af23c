// SPDX-License-Identifier: Apache-2.0

/**
 * Reads a file of `NAME=value` lines as systemd's EnvironmentFile= does (systemd.exec(5)): comments start with `#` or `;`,
 * values may be quoted, a backslash at the end of a line joins it with the next. Lines that are no assignment are left out.
 * Of a name assigned twice the last value counts.
 */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  let rest = text
  while (rest !== '') {
    rest = rest.trimStart()
    const name = /^([A-Za-z_]\w*)[ \t]*=[ \t]*/.exec(rest)
    if (name === null) {
      rest = afterLine(rest)
      continue
    }
    const {value, length} = readValue(rest, name[0].length)
    variables.set(name[1] ?? '', value)
    rest = rest.slice(length)
  }
  return variables
}

function afterLine(text: string): string {
  const end = text.indexOf('\n')
  return end === -1 ? '' : text.slice(end + 1)
}

/** Reads from `from` to the end of the assignment; blanks at the end that are not quoted do not belong to the value. */
function readValue(text: string, from: number): {value: string; length: number} {
  let value = ''
  let kept = 0
  let quote = ''
  let i = from
  for (; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === '\\' && quote !== "'" && i + 1 < text.length) {
      const next = text.charAt(++i)
      if (next !== '\n') value += quote === '"' && !'"\\`$'.includes(next) ? c + next : next
      kept = value.length
    } else if (quote === '' && c === '\n') break
    else if (quote === '' && (c === '"' || c === "'")) quote = c
    else if (c === quote) {
      quote = ''
      kept = value.length
    } else {
      value += c
      if (quote !== '' || !/\s/.test(c)) kept = value.length
    }
  }
  return {value: value.slice(0, kept), length: i + 1}
}

/**
 * Splits a command line into words as systemd does for ExecStart= and Environment= (systemd.syntax(7)): single and double
 * quotes, backslash escapes. An unclosed quote runs to the end.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === '\\' && quote !== "'" && i + 1 < text.length) word = (word ?? '') + text.charAt(++i)
    else if (quote !== '' && c === quote) quote = ''
    else if (quote === '' && (c === '"' || c === "'")) {
      quote = c
      word ??= ''
    } else if (quote === '' && /\s/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + c
  }
  return word === undefined ? words : [...words, word]
}

/**
 * Replaces variables in the words of an ExecStart= line: `$NAME` as a word of its own becomes as many words as its value has,
 * `${NAME}` is replaced inside a word, `$$` is a dollar sign (systemd.service(5)). Unknown names are empty.
 */
export function expandWords(words: readonly string[], variables: ReadonlyMap<string, string>): readonly string[] {
  return words.flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word)
    if (whole !== null) return splitWords(variables.get(whole[1] ?? '') ?? '')
    return [word.replace(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (match, name: string) => (match === '$$' ? '$' : variables.get(name) ?? ''))]
  })
}
