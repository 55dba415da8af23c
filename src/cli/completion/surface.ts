// SPDX-License-Identifier: Apache-2.0
import type {Command, Config} from '@oclif/core'

/** What there is to complete: every command a user may see, with its flags and arguments. */
export interface Surface {
  readonly bin: string
  readonly commands: readonly SurfaceCommand[]
}

export interface SurfaceCommand {
  /** its words: `['inspect']`, or `['config', 'show']` for a command of a topic */
  readonly words: readonly string[]
  readonly summary: string
  readonly flags: readonly SurfaceFlag[]
  readonly args: readonly SurfaceArg[]
}

export interface SurfaceFlag {
  /** without the dashes */
  readonly name: string
  readonly char?: string
  readonly summary: string
  /** undefined: the flag takes no value */
  readonly value?: Value
}

export interface SurfaceArg {
  readonly name: string
  readonly value: Value
}

/** How the value of a flag or argument is completed. `any`: rtctl cannot know it. */
export type Value =
  | {readonly kind: 'choice'; readonly choices: readonly string[]}
  | {readonly kind: 'file' | 'directory' | 'any'}

/** Reads the surface off oclif's configuration, so that a new command or flag completes without another word. */
export function surfaceOf(config: Config): Surface {
  const commands = config.commands.filter((command) => !command.hidden).map(commandOf)
  return {bin: config.bin, commands: commands.sort((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1))}
}

/** `config`, `config show`: every run of words that leads to a command or is one. */
export function prefixesOf({commands}: Surface): string[] {
  const prefixes = commands.flatMap(({words}) => words.map((_, index) => words.slice(0, index + 1).join(' ')))
  return [...new Set(prefixes)]
}

/** The words that may follow a prefix (`''`: the first word), with the summary where the word completes a command. */
export function wordsAfter(prefix: string, {commands}: Surface): ReadonlyMap<string, string> {
  const before = prefix === '' ? [] : prefix.split(' ')
  const next = new Map<string, string>()
  for (const {words, summary} of commands) {
    const word = words[before.length]
    if (word === undefined || before.some((part, index) => part !== words[index])) continue
    if (words.length === before.length + 1 || !next.has(word)) next.set(word, words.length === before.length + 1 ? summary : '')
  }
  return next
}

function commandOf(command: Command.Loadable): SurfaceCommand {
  const flags = Object.values(command.flags).filter((flag) => !flag.hidden)
  return {
    words: command.id.split(':'),
    summary: firstSentence(command.summary ?? command.description),
    flags: [...flags.flatMap(flagsOf), {name: 'help', summary: 'Show help'}],
    args: Object.values(command.args).filter((arg) => !arg.hidden).map(argOf),
  }
}

function flagsOf(flag: Command.Flag.Cached): SurfaceFlag[] {
  const base = {
    name: flag.name,
    summary: firstSentence(flag.summary ?? flag.description),
    ...(flag.char === undefined ? {} : {char: flag.char}),
  }
  if (flag.type === 'option') return [{...base, value: valueOf(flag.options, flag.helpValue)}]
  return flag.allowNo ? [base, {name: `no-${flag.name}`, summary: base.summary}] : [base]
}

function argOf(arg: Command.Arg.Cached): SurfaceArg {
  return {name: arg.name, value: valueOf(arg.options, arg.name)}
}

/** A flag whose value is shown as FILE or DIR in the help takes a path; so does an argument of that name. */
function valueOf(options: readonly string[] | undefined, shown: string | readonly string[] | undefined): Value {
  if (options !== undefined && options.length > 0) return {kind: 'choice', choices: options}
  const word = String(shown ?? '').toUpperCase()
  if (/\bFILE\b/.test(word)) return {kind: 'file'}
  return {kind: /\bDIR(ECTORY)?\b/.test(word) ? 'directory' : 'any'}
}

function firstSentence(text: string | undefined): string {
  return (text ?? '').split(/\n|\. /, 1)[0]?.trim().replace(/\.$/, '') ?? ''
}
