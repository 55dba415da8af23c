// SPDX-License-Identifier: Apache-2.0
import {prefixesOf, wordsAfter, type Surface, type SurfaceCommand, type Value} from './surface.ts'

/** A completion script for bash 3.2 and later; needs neither the bash-completion package nor rtctl at run time. */
export function bashScript(surface: Surface): string {
  const {bin, commands} = surface
  const name = `_${bin.replaceAll('-', '_')}`
  return `# bash completion for ${bin}. To load it: source <(${bin} completion bash)
${name}_offer() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@")
}

${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' word
  COMPREPLY=()
  # bash splits --flag=value into three words
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = && $COMP_CWORD -ge 2 ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      ${prefixesOf(surface).map((words) => quote(` ${words}`)).join(' | ')}) command="$command $word" ;;
      *) if [[ -z $command && $word != -* ]]; then return; else break; fi ;;
    esac
  done
  case "$command|$previous" in
${commands.flatMap(valueCases(name)).join('\n')}
  esac
  case "$command" in
${wordCases(name, surface).join('\n')}
  esac
}
complete -F ${name} ${bin}
`
}

function valueCases(name: string): (command: SurfaceCommand) => string[] {
  return (command) =>
    command.flags.flatMap(({name: flag, char, value}) => {
      if (value === undefined) return []
      const spellings = [`--${flag}`, ...(char === undefined ? [] : [`-${char}`])]
      const patterns = spellings.map((spelling) => quote(` ${command.words.join(' ')}|${spelling}`))
      return [`    ${patterns.join(' | ')}) ${offer(name, value)}return ;;`]
    })
}

function wordCases(name: string, surface: Surface): string[] {
  return ['', ...prefixesOf(surface)].map((prefix) => {
    const command = surface.commands.find(({words}) => words.join(' ') === prefix)
    const top = prefix === '' ? ['help', 'version'] : ['help']
    const flags = (command?.flags.map((flag) => flag.name) ?? top).map((flag) => `--${flag}`)
    const next = [...wordsAfter(prefix, surface).keys()]
    const words = next.length > 0 ? `${name}_offer -W ${quote(next.join(' '))} -- "$current"; ` : argument(name, command)
    const dashed = `if [[ $current == -* ]]; then ${name}_offer -W ${quote(flags.join(' '))} -- "$current"; `
    return `    ${quote(prefix === '' ? '' : ` ${prefix}`)}) ${dashed}${words === '' ? '' : `else ${words}`}fi ;;`
  })
}

function argument(name: string, command: SurfaceCommand | undefined): string {
  const value = command?.args[0]?.value
  return value === undefined ? '' : offer(name, value)
}

/** Shell code that offers the value, ending in `; `; empty where there is nothing to offer. */
function offer(name: string, value: Value): string {
  if (value.kind === 'choice') return `${name}_offer -W ${quote(value.choices.join(' '))} -- "$current"; `
  if (value.kind === 'any') return ''
  return `compopt -o filenames 2>/dev/null; ${name}_offer ${value.kind === 'file' ? '-f' : '-d'} -- "$current"; `
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
