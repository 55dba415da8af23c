// SPDX-License-Identifier: Apache-2.0
import {prefixesOf, wordsAfter, type Surface, type SurfaceArg, type SurfaceCommand, type SurfaceFlag, type Value} from './surface.ts'

/** A completion script for zsh, to be sourced after `compinit` or put into a folder of `fpath` as `_rtctl`. */
export function zshScript(surface: Surface): string {
  const {bin, commands} = surface
  const prefixes = prefixesOf(surface)
  const topics = ['', ...prefixes].filter((prefix) => wordsAfter(prefix, surface).size > 0)
  return `#compdef ${bin}
# zsh completion for ${bin}. To load it: source <(${bin} completion zsh)
_${bin}() {
  local command=''
  local -a commands
  while (( CURRENT > 2 )); do
    case "$command $words[2]" in
      (${prefixes.map((words) => quote(` ${words}`)).join(' | ')}) command="$command $words[2]"; shift words; (( CURRENT-- )) ;;
      (*) break ;;
    esac
  done
  case "$command" in
${topics.map((topic) => topicCase(topic, surface)).join('\n')}
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _${bin} ]]; then _${bin} "$@"; else compdef _${bin} ${bin}; fi
`
}

function topicCase(topic: string, surface: Surface): string {
  const words = [...wordsAfter(topic, surface)].map(([word, summary]) => quote(`${word}:${summary}`))
  const version = topic === '' ? " '--version[Show the version]'" : ''
  return `    (${quote(topic === '' ? '' : ` ${topic}`)})
      if (( CURRENT == 2 )); then
        commands=(${words.join(' ')})
        _describe command commands
        _arguments '--help[Show help]'${version}
      fi ;;`
}

function commandCase({words, flags, args}: SurfaceCommand): string {
  const specs = [...flags.map(flagSpec), ...args.map(argSpec)]
  return `    (${quote(` ${words.join(' ')}`)})\n      _arguments -s -S ${specs.join(' ')} ;;`
}

function flagSpec({name, char, summary, value}: SurfaceFlag): string {
  const text = `[${escaped(summary)}]${value === undefined ? '' : `:${name}:${action(value)}`}`
  const long = `--${name}${value === undefined ? '' : '='}`
  if (char === undefined) return quote(`${long}${text}`)
  return `${quote(`(-${char} --${name})`)}{${quote(`-${char}${value === undefined ? '' : '+'}`)},${quote(long)}}${quote(text)}`
}

function argSpec({name, value}: SurfaceArg): string {
  return quote(`::${escaped(name)}:${action(value)}`)
}

function action(value: Value): string {
  if (value.kind === 'choice') return `(${value.choices.join(' ')})`
  if (value.kind === 'any') return ' '
  return value.kind === 'file' ? '_files' : '_files -/'
}

function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
