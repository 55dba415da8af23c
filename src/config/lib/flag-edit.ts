// SPDX-License-Identifier: Apache-2.0
import {type Region, type Splice, type Word, withoutWords, wordsIn} from './words.ts'

/** What becomes of a flag: it stays, goes, or gets another value. */
export type FlagFate = 'keep' | 'remove' | {readonly value: string}

/** A flag as it is written in a region. */
export interface WrittenFlag {
  readonly name: string
  /** undefined: it is the last word and its value is missing */
  readonly value: string | undefined
}

/** Values that every kind of quoting takes as they are. */
const SAFE_VALUE = /^[\w./:@=,+-]+$/

/** Whether a value can be written among the words of a command line without quotes. */
export function isSafeFlagValue(value: string): boolean {
  return SAFE_VALUE.test(value)
}

/**
 * Changes flags in a region and leaves all else as it is, quotes included. Flags are `--name=value` or `--name value`; like kubelet
 * itself it takes `_` in names for `-`. `valued` names flags that always take a value: the word that follows is theirs.
 *
 * @param fate asked for each flag; values it gives must be safe ({@link isSafeFlagValue})
 */
export function editFlags(
  text: string, region: Region, valued: ReadonlySet<string>, fate: (flag: WrittenFlag) => FlagFate,
): readonly Splice[] {
  const words = wordsIn(text, region)
  const gone = new Set<Word>()
  const splices: Splice[] = []
  for (const {flag, word, valueWord} of flagsAmong(words, valued)) {
    const decided = fate(flag)
    if (decided === 'keep') continue
    if (decided === 'remove') {
      gone.add(word)
      if (valueWord !== undefined) gone.add(valueWord)
    } else splices.push(newValue(word, valueWord, decided.value))
  }
  return [...splices, ...withoutWords(text, region, words, gone)]
}

/** The flags of a region. */
export function flagsIn(text: string, region: Region, valued: ReadonlySet<string>): readonly WrittenFlag[] {
  return flagsAmong(wordsIn(text, region), valued).map(({flag}) => flag)
}

function flagsAmong(words: readonly Word[], valued: ReadonlySet<string>): readonly {flag: WrittenFlag; word: Word; valueWord?: Word}[] {
  const found: {flag: WrittenFlag; word: Word; valueWord?: Word}[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    const match = word && /^["']?--([A-Za-z][\w.-]*)(=?)/.exec(word.raw)
    if (word === undefined || !match) continue
    const name = (match[1] ?? '').replaceAll('_', '-')
    const next = words[i + 1]
    if (match[2] === '=') found.push({flag: {name, value: unquoted(word.raw.slice(match[0].length))}, word})
    else if (!valued.has(name) || next === undefined) found.push({flag: {name, value: undefined}, word})
    else {
      found.push({flag: {name, value: unquoted(next.raw)}, word, valueWord: next})
      i++
    }
  }
  return found
}

function newValue(word: Word, valueWord: Word | undefined, value: string): Splice {
  if (valueWord !== undefined) return {start: valueWord.start, end: valueWord.end, text: value}
  const quote = /^["']/.exec(word.raw)?.[0] ?? ''
  const equals = word.raw.indexOf('=')
  const name = equals === -1 ? word.raw.replace(/["']$/, '') : word.raw.slice(0, equals)
  return {start: word.start, end: word.end, text: `${name}=${value}${quote}`}
}

function unquoted(raw: string): string {
  return raw.replace(/\\(.)/gs, '$1').replace(/["']/g, '')
}
