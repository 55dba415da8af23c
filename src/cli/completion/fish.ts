// SPDX-License-Identifier: Apache-2.0
import type {Surface, SurfaceCommand, SurfaceFlag, Value} from './surface.ts'

/** A completion script for fish 3 and later, to be sourced or put into `~/.config/fish/completions/rtctl.fish`. */
export function fishScript({bin, commands}: Surface): string {
  const rule = (...words: string[]) => ['complete', '-c', bin, ...words].join(' ')
  const top = '-n __fish_use_subcommand'
  return [
    `# fish completion for ${bin}. To load it: ${bin} completion fish | source`,
    rule('-f'),
    rule(top, '-l help', '-d', quote('Show help')),
    rule(top, '-l version', '-d', quote('Show the version')),
    ...topicsOf(commands).map((topic) => rule(top, `-a ${topic}`)),
    ...commands.flatMap((command) => commandRules(command).map((words) => rule(words))),
    '',
  ].join('\n')
}

/** First words that are no command by themselves. */
function topicsOf(commands: readonly SurfaceCommand[]): string[] {
  const whole = new Set(commands.filter(({words}) => words.length === 1).map(({words: [word]}) => word))
  return [...new Set(commands.map(({words: [word = '']}) => word))].filter((word) => !whole.has(word))
}

function commandRules({words, summary, flags, args}: SurfaceCommand): string[] {
  const parents = words.slice(0, -1)
  const where = parents.length === 0 ? '__fish_use_subcommand' : quote(seen(parents))
  const here = `-n ${quote(seen(words))}`
  return [
    `-n ${where} -a ${words.at(-1)} -d ${quote(summary)}`,
    ...flags.map((flag) => `${here} ${flagRule(flag)}`),
    ...args.filter(({value}) => value.kind !== 'any').map(({value}) => `${here} ${offer(value)}`),
  ]
}

function seen(words: readonly string[]): string {
  return words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
}

function flagRule({name, char, summary, value}: SurfaceFlag): string {
  const spelling = `-l ${name}${char === undefined ? '' : ` -s ${char}`} -d ${quote(summary)}`
  if (value === undefined) return spelling
  return `${spelling} -r${value.kind === 'any' ? '' : ` ${offer(value)}`}`
}

function offer(value: Value): string {
  if (value.kind === 'choice') return `-a ${quote(value.choices.join(' '))}`
  return value.kind === 'file' ? '-F' : `-a ${quote('(__fish_complete_directories)')}`
}

/** fish knows two escapes inside single quotes: \\ and \'. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}
