// SPDX-License-Identifier: Apache-2.0
import type {Command} from '@oclif/core'
import {argument, bold, example, filled, italic, literal, prose, references, term} from './deb/roff.ts'

/** What the pages are made from. */
export interface ManSource {
  /** of oclif.manifest.json: commands by id, `cri:exec` */
  readonly commands: Readonly<Record<string, Command.Cached>>
  /** what topics are, by their id: of package.json */
  readonly topics: Readonly<Record<string, {readonly description?: string}>>
  /** what rtctl is, in a sentence: of package.json */
  readonly description: string
  /** docs/exit-codes.md */
  readonly exitCodes: string
  readonly version: string
  /** seconds since 1970: the date of the pages */
  readonly epoch: number
}

/** A page of section 1. */
export interface ManPage {
  /** file name: `rtctl-cri-exec.1` */
  readonly file: string
  /** roff */
  readonly text: string
}

type Flag = Command.Flag.Cached
type Section = readonly [title: string, body: string]

const BIN = 'rtctl'

/** What rtctl reads of its environment, besides what stands in for a flag. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  CONTAINER_RUNTIME_ENDPOINT: 'What `--runtime-endpoint` of `rtctl cri` is where it is not given.',
  IMAGE_SERVICE_ENDPOINT: 'What `--image-endpoint` of `rtctl cri` is where it is not given.',
  KUBECONFIG: 'Kubeconfig files, with a colon between them, where `--kubeconfig` is not given.',
  NO_COLOR: 'Not empty: output is not coloured.',
  FORCE_COLOR: 'Output is coloured though it goes to no terminal; 0: it is not.',
}

const FILES: Readonly<Record<string, string>> = {
  '/etc/crictl.yaml': 'Endpoints and settings of `rtctl cri`, which it shares with crictl.',
  '.rtctl.yaml': 'Settings and waivers of `rtctl preflight`, in the working directory.',
  '~/.kube/config': 'The kubeconfig of `rtctl preflight --cluster`, where nothing names another.',
}

/** One page for rtctl, one for each topic, and one for each command, sorted by name. The same source gives the same bytes. */
export function manPages(source: ManSource): readonly ManPage[] {
  const commands = visible(source)
  const topics = Object.keys(source.topics).filter((id) => commands.every((command) => command.id !== id))
  return [
    mainPage(source),
    ...topics.map((id) => topicPage(id, source)),
    ...commands.map((command) => commandPage(command, source)),
  ].sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** The rows of docs/exit-codes.md that some command uses: status and what it means. */
export function exitStatuses(markdown: string): readonly Section[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|')).slice(2).map((line) => line.split('|').map((cell) => cell.trim()))
  const used = rows.filter(([, , , what = '']) => !what.includes('no command uses it yet'))
  return used.map(([, status = '', meaning = '']) => [status, meaning] as const)
}

function mainPage(source: ManSource): ManPage {
  return page(BIN, source.description, source, [
    ['SYNOPSIS', `${bold(BIN)} ${italic('COMMAND')} [${italic('ARGUMENTS')}] [${italic('FLAGS')}]\n.br\n${bold(BIN)} [${italic('COMMAND')}] ${bold('--help')}\n.br\n${bold(BIN)} ${bold('--version')}`],
    ['DESCRIPTION', prose(
      'rtctl shows the chain from the kubelet down to the last process of a container, and how each part of it is known. It finds what '
      + 'still depends on dockershim or Docker before an upgrade, and it is a client of the Container Runtime Interface with the verbs '
      + 'and flags of crictl.\n\nWhat looks at a node changes nothing on it. Run it as root to see everything.',
    )],
    ['COMMANDS', listOf(visible(source).filter(({id}) => topicOf(id) === undefined))],
    ...Object.entries(source.topics).map(([id, {description = ''}]): Section => (
      [`${spoken(id).toUpperCase()} COMMANDS`, `${prose(sentence(description))}\n${listOf(childrenOf(id, source))}`]
    )),
    ['EXIT STATUS', exitStatuses(source.exitCodes).map(([status, meaning]) => term(bold(status), prose(meaning))).join('\n')],
    ['ENVIRONMENT', termsOf({...ENVIRONMENT, ...environmentOfFlags(source)})],
    ['FILES', termsOf(FILES)],
    ['SEE ALSO', references(firstWords(source).map(pageOf))],
  ])
}

function topicPage(id: string, source: ManSource): ManPage {
  return page(pageOf(id), source.topics[id]?.description ?? '', source, [
    ['SYNOPSIS', `${bold(`${BIN} ${spoken(id)}`)} ${italic('COMMAND')} [${italic('ARGUMENTS')}] [${italic('FLAGS')}]`],
    ['COMMANDS', listOf(childrenOf(id, source))],
    ['EXIT STATUS', `See\n.BR ${BIN} (1).`],
    ['SEE ALSO', references([BIN, ...childrenOf(id, source).map((child) => pageOf(child.id))])],
  ])
}

function commandPage(command: Command.Cached, source: ManSource): ManPage {
  const children = childrenOf(command.id, source)
  const topic = topicOf(command.id)
  const flags = Object.values(command.flags).filter(({hidden}) => hidden !== true).sort((a, b) => (a.name < b.name ? -1 : 1))
  const groups = [...new Set(flags.map(({helpGroup = ''}) => helpGroup))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const args = Object.values(command.args).filter(({hidden, description}) => hidden !== true && description !== undefined)
  return page(pageOf(command.id), command.summary ?? '', source, [
    ['SYNOPSIS', synopsis(command, flags.length > 0)],
    ['DESCRIPTION', prose([sentence(command.summary ?? ''), command.description ?? ''].join('\n\n').trim())],
    ['ARGUMENTS', args.map((arg) => term(italic(arg.name.toUpperCase()), prose(sentence(withChoices(arg.description ?? '', arg.options))))).join('\n')],
    ['OPTIONS', groups.map((group) => optionsOf(group, flags.filter(({helpGroup = ''}) => helpGroup === group))).join('\n')],
    ['COMMANDS', children.length === 0 ? '' : listOf(children)],
    ['EXIT STATUS', `See\n.BR ${BIN} (1).`],
    ['EXAMPLES', (command.examples ?? []).map((each) => exampleOf(each, command)).join('\n.PP\n')],
    ['SEE ALSO', references([BIN, ...(topic === undefined ? [] : [pageOf(topic)]), ...children.map(({id}) => pageOf(id))])],
  ])
}

/** A whole page. Sections with nothing to say are left out. */
function page(name: string, summary: string, {version, epoch}: ManSource, sections: readonly Section[]): ManPage {
  const date = new Date(epoch * 1000).toISOString().slice(0, 10)
  const lines = [
    String.raw`.\" Made from the commands of rtctl: do not edit.`,
    `.TH ${argument(name.toUpperCase())} 1 ${date} ${argument(`${BIN} ${version}`)} ${argument('rtctl manual')}`,
    '.SH NAME',
    filled(String.raw`${literal(name)} \- ${literal(summary.replaceAll('`', ''))}`),
    ...sections.filter(([, body]) => body !== '').flatMap(([title, body]) => [`.SH ${title.includes(' ') ? `"${title}"` : title}`, body]),
  ]
  return {file: `${name}.1`, text: `${lines.join('\n')}\n`}
}

function synopsis(command: Command.Cached, hasFlags: boolean): string {
  const name = bold(`${BIN} ${spoken(command.id)}`)
  if (command.usage !== undefined) return [command.usage].flat().map((usage) => [name, literal(filledIn(usage, command).replace(spoken(command.id), '').trim())].join(' ')).join('\n.br\n')
  const args = Object.values(command.args).filter(({hidden}) => hidden !== true).map((arg) => {
    const word = `${italic(arg.name.toUpperCase())}${arg.multiple === true || command.strict === false ? '...' : ''}`
    return arg.required === true ? word : `[${word}]`
  })
  return [name, ...args, ...(hasFlags ? [`[${italic('FLAGS')}]`] : [])].join(' ')
}

/** The command's own first, what many commands have last. */
function rank(group: string): number {
  return group === '' ? 0 : ['ENDPOINT', 'GLOBAL'].indexOf(group) + 2
}

function optionsOf(group: string, flags: readonly Flag[]): string {
  const name = group === 'GLOBAL' ? 'For scripts' : `${group.charAt(0)}${group.slice(1).toLowerCase()}`
  return [...(group === '' ? [] : [`.SS ${argument(name)}`]), ...flags.map((flag) => term(spellings(flag), prose(meaningOf(flag))))].join('\n')
}

/** `-o, --output=FORMAT`. */
function spellings(flag: Flag): string {
  const value = flag.type === 'option' ? `=${italic([flag.helpValue ?? flag.name.toUpperCase()].flat().join('|'))}${flag.multiple === true ? '...' : ''}` : ''
  const name = flag.type === 'boolean' && flag.allowNo ? `[no-]${flag.name}` : flag.name
  return [...(flag.char === undefined ? [] : [bold(`-${flag.char}`)]), `${bold(`--${name}`)}${value}`].join(', ')
}

function meaningOf(flag: Flag): string {
  const option = flag.type === 'option' ? flag : undefined
  return [
    withChoices([flag.summary, flag.description].filter(Boolean).join(' '), option?.options),
    ...(option?.default === undefined ? [] : [`The default is ${String(option.default)}.`]),
    ...(option?.env === undefined ? [] : [`Where it is not given, the variable ${option.env} of the environment is taken.`]),
    ...(flag.dependsOn === undefined ? [] : [`Only with ${flag.dependsOn.map((name) => `\`--${name}\``).join(', ')}.`]),
    ...(flag.aliases === undefined ? [] : [`Also spelled ${flag.aliases.map((name) => `\`--${name}\``).join(', ')}.`]),
  ].join(' ')
}

/** Names the values that are allowed where the text does not. */
function withChoices(text: string, choices: readonly string[] | undefined): string {
  if (choices === undefined || choices.every((choice) => text.includes(choice))) return text
  return `${sentence(text)} One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`
}

function exampleOf(each: Command.Example, command: Command.Cached): string {
  const {description = '', command: line} = typeof each === 'string' ? {command: each} : each
  return [...(description === '' ? [] : [prose(`${description}:`)]), example(filledIn(line, command).split('\n'))].join('\n')
}

/** Fills in what oclif's help fills in. */
function filledIn(template: string, command: Command.Cached): string {
  return template.replaceAll('<%= config.bin %>', BIN).replaceAll('<%= command.id %>', spoken(command.id))
}

function environmentOfFlags({commands}: ManSource): Record<string, string> {
  const flags = Object.values(commands).flatMap((command) => Object.values(command.flags))
  const named = flags.flatMap((flag) => (flag.type === 'option' && flag.env !== undefined ? [[flag.env, `What \`--${flag.name}\` of \`rtctl cri\` is where it is not given.`] as const] : []))
  return Object.fromEntries(named)
}

function termsOf(terms: Readonly<Record<string, string>>): string {
  return Object.entries(terms).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => term(bold(name), prose(text))).join('\n')
}

function listOf(commands: readonly Command.Cached[]): string {
  return commands.map(({id, summary = '', aliases}) => {
    const names = aliases.length === 0 ? '' : ` Also ${aliases.map((alias) => `\`${spoken(alias)}\``).join(', ')}.`
    return term(bold(`${BIN} ${spoken(id)}`), prose(`${sentence(summary)}${names}`))
  }).join('\n')
}

function visible({commands}: ManSource): readonly Command.Cached[] {
  return Object.values(commands).filter(({hidden}) => !hidden).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function childrenOf(id: string, source: ManSource): readonly Command.Cached[] {
  return visible(source).filter((command) => command.id.startsWith(`${id}:`))
}

/** Topics and commands that follow `rtctl`. */
function firstWords(source: ManSource): readonly string[] {
  const commands = visible(source).map(({id}) => id).filter((id) => topicOf(id) === undefined)
  return [...new Set([...Object.keys(source.topics), ...commands])].sort()
}

/** The topic or command that a command belongs to: `cri` of `cri:exec`. */
function topicOf(id: string): string | undefined {
  return id.includes(':') ? id.slice(0, id.lastIndexOf(':')) : undefined
}

function spoken(id: string): string {
  return id.replaceAll(':', ' ')
}

function pageOf(id: string): string {
  return `${BIN}-${id.replaceAll(':', '-')}`
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`
}
