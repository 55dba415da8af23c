// SPDX-License-Identifier: Apache-2.0
import {emptyMap} from './untrusted.ts'

export interface Flag {
  /** long name, without dashes */
  readonly name: string
  /** "true" for a flag without value */
  readonly value: string
}

/** What must be known of a program to read its flags; everything else follows from the words. */
export interface FlagSyntax {
  /** one-letter flags → long names, `H` → `host` */
  readonly short?: Readonly<Record<string, string>>
  /** long names that never take the next word */
  readonly switches?: readonly string[]
  /** long names that always take the next word, even if it starts with a dash */
  readonly valued?: readonly string[]
}

/**
 * Reads the flags of a command line: `--name value`, `--name=value`, `-name value` (Go's flag package and urfave/cli),
 * `-n value`, `-n=value` and `-nvalue`. A flag followed by another flag, or by nothing, has the value "true". Words that belong to no flag
 * are left out, and everything after `--`. In the order given, repeated flags included.
 *
 * @param args the words after the program's name
 */
export function parseFlags(args: readonly string[], syntax: FlagSyntax = {}): readonly Flag[] {
  const flags: Flag[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    if (word === '--') break
    const given = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word)
    if (given === null) continue
    const {name, attached} = nameOf(word, given[1] ?? '', given[2], syntax)
    const next = args[i + 1]
    if (attached !== undefined) flags.push({name, value: attached})
    else if (next !== undefined && takesNext(name, next, syntax)) flags.push({name, value: args[++i] ?? ''})
    else flags.push({name, value: 'true'})
  }
  return flags
}

function nameOf(word: string, name: string, value: string | undefined, syntax: FlagSyntax): {name: string; attached?: string} {
  const withValue = value === undefined ? {} : {attached: value}
  if (word.startsWith('--')) return {name, ...withValue}
  const letter = name.charAt(0)
  const long = longName(letter, syntax)
  if (name.length === 1) return {name: long ?? name, ...withValue}
  // `-Hunix:///run/x.sock` has its value attached; `-address` is a long name with one dash
  if (long !== undefined && /[^\w-]/.test(name)) return {name: long, attached: word.slice(2)}
  return {name, ...withValue}
}

function longName(letter: string, syntax: FlagSyntax): string | undefined {
  return syntax.short !== undefined && Object.hasOwn(syntax.short, letter) ? syntax.short[letter] : undefined
}

function takesNext(name: string, next: string, syntax: FlagSyntax): boolean {
  if (syntax.switches?.includes(name)) return false
  if (syntax.valued?.includes(name)) return true
  // a negative number is a value: --oom-score-adj -999
  return !next.startsWith('-') || /^-\d/.test(next)
}

/** The value a flag has in the end: the last one given, as with pflag. */
export function flagValue(flags: readonly Flag[], name: string): string | undefined {
  return flags.findLast((flag) => flag.name === name)?.value
}

/** All values of a flag that may be repeated. */
export function flagValues(flags: readonly Flag[], name: string): readonly string[] {
  return flags.filter((flag) => flag.name === name).map(({value}) => value)
}

/** Flags as a map without prototype; of repeated ones the last counts. */
export function flagMap(flags: readonly Flag[]): Readonly<Record<string, string>> {
  const map = emptyMap<string>()
  for (const {name, value} of flags) map[name] = value
  return map
}
