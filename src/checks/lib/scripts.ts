// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof} from '../../model/check.ts'
import type {SomeTexts} from '../../model/node/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import {unreadableOf} from './define.ts'
import {dockerCommandOf} from './pod-docker-cli.ts'
import {commandsIn, commandsOfArgv, programName, type ShellCommand} from './pod-shell.ts'

/** Something in a script of the host that needs Docker. */
export interface DockerHit {
  /**
   * `command` docker(1) or docker-compose; `image` the same, moving images between files and the daemon; `service` the unit or the
   * process of dockerd; `socket`, `config`, `data` paths; `package` Docker is installed
   */
  readonly kind: 'command' | 'image' | 'service' | 'socket' | 'config' | 'data' | 'package'
  /** the words, shortened */
  readonly text: string
  /** from 1 */
  readonly line: number
}

const LONGEST = 120
/** programs that only say their words, but for where they are sent to */
const SPEAKERS = new Set(['echo', 'printf', 'logger', ':', 'alias'])
const SERVICE_MANAGERS = new Set(['systemctl', 'service', 'journalctl', 'rc-service', 'chkconfig', 'update-rc.d', 'initctl', 'deb-systemd-invoke'])
const PROCESS_FINDERS = new Set(['pgrep', 'pkill', 'pidof', 'killall'])
const INSTALLERS = new Set(['apt', 'apt-get', 'aptitude', 'yum', 'dnf', 'zypper', 'tdnf', 'apk', 'snap'])
const DOCKER_PACKAGE = /^(?:docker|docker\.io|docker-ce|docker-ee|docker-engine|moby-engine|docker-cli)(?:[=:-]\d\S*)?$/
/** programs that run the command behind their options, with the options that take a word */
const RUNNERS: ReadonlyMap<string, RegExp> = new Map([
  ['flock', /^-[wE]$/], ['ionice', /^-[cnp]$/], ['chronic', /^$/], ['setsid', /^$/], ['stdbuf', /^-[ioe]$/], ['watch', /^-n$/], ['cronic', /^$/], ['unbuffer', /^$/],
])
/** verbs that bring images to the daemon, or out of it */
const MOVES = /^docker (?:image )?(?:load|save|import|export|tag|pull)$/
const PATHS: readonly (readonly [DockerHit['kind'], RegExp])[] = [
  ['socket', /\/run\/(?:docker|dockershim)\.sock\b/], ['config', /\/etc\/docker(?:\/|$)/], ['data', /\/var\/lib\/docker(?:shim)?(?:\/|$)/],
]
const ASSIGNMENT = /^\s*(?:export\s+|readonly\s+|local\s+)?[A-Za-z_]\w*=["']?(\S{1,300})/

/** What a shell script needs of Docker, in order of lines. Comments, and words that are only printed, count for nothing. */
export function dockerHitsIn(script: string): readonly DockerHit[] {
  const commands = commandsIn(script).flatMap((command) => unwrapped(command, 0)).flatMap(hitsOf)
  const assigned = script.split('\n').flatMap((line, index) => assignmentHit(line.slice(0, 1024), index + 1))
  return unique([...commands, ...assigned]).toSorted((a, b) => a.line - b.line)
}

/** The same of a program in another language, by its lines. */
export function dockerHitsInCode(code: string): readonly DockerHit[] {
  return unique(code.split('\n').flatMap((line, index): readonly DockerHit[] => {
    const text = line.slice(0, 1024)
    if (/^\s*(?:#|\/\/)/.test(text)) return []
    const hit = (kind: DockerHit['kind']): readonly DockerHit[] => [{kind, text: shortened(text), line: index + 1}]
    if (/^\s*(?:import|from) docker\b/.test(text) || /["'`](?:\/usr(?:\/local)?\/bin\/)?docker(?:-compose)?(?:["'`]|\s+(?:ps|run|exec|rm|rmi|stop|inspect|images|system|logs|pull|load|save|tag)\b)/.test(text)) return hit('command')
    return PATHS.some(([, path]) => path.test(text)) ? hit('socket') : []
  }))
}

/** Lines of evidence, the first few of them. */
export function hitProofs(path: string, hits: readonly DockerHit[]): readonly Proof[] {
  return hits.slice(0, 5).map(({line, text}) => ({source: `${path}:${line}`, text}))
}

/** The lines of a configuration that say a word and are no comments. */
export function linesSaying(text: string, word: RegExp, comment = /^\s*[#;]/): readonly {readonly line: number; readonly text: string}[] {
  return text.split('\n').flatMap((one, index) => {
    const line = one.slice(0, 1024)
    return !comment.test(line) && word.test(line) ? [{line: index + 1, text: shortened(line)}] : []
  })
}

/** A finding for each text, and what could not be read. */
export function eachText<T extends HostText>(known: SomeTexts<T> | undefined, look: (text: T) => readonly Outcome[]): readonly Outcome[] {
  return [...(known?.texts ?? []).flatMap(look), ...(known?.unread ?? []).flatMap(unreadableOf)]
}

function unwrapped(command: ShellCommand, depth: number): readonly ShellCommand[] {
  const {words: [program = '', ...rest], line} = command
  const again = (inner: readonly ShellCommand[]) => (depth > 3 ? [] : inner.flatMap((one) => unwrapped({...one, line: line + one.line - 1}, depth + 1)))
  if (program === 'alias') return again(rest.flatMap((word) => commandsIn(word.replace(/^[^=]*=/, ''))))
  if (program === 'su' || program === 'runuser') {
    const at = rest.findIndex((word) => word === '-c' || word === '--command')
    return at === -1 ? [command] : again(commandsIn(rest[at + 1] ?? ''))
  }
  const withValue = RUNNERS.get(program)
  if (withValue === undefined) return [command]
  let at = 0
  while (rest[at]?.startsWith('-')) at += withValue.test(rest[at] ?? '') ? 2 : 1
  return again(commandsOfArgv(rest.slice(program === 'flock' ? at + 1 : at)))
}

function hitsOf(command: ShellCommand): readonly DockerHit[] {
  const {words, line} = command
  const [program = '', ...rest] = words
  const hit = (kind: DockerHit['kind']): readonly DockerHit[] => [{kind, text: shortened(words.join(' ')), line}]
  const docker = dockerCommandOf(command)
  if (docker !== undefined) return hit(MOVES.test(docker.what) ? 'image' : 'command')
  if (SERVICE_MANAGERS.has(program) && rest.some((word) => /^(?:--unit=)?docker(?:\.service|\.socket)?$/.test(word))) return hit('service')
  if (PROCESS_FINDERS.has(program) && rest.some((word) => /^dockerd?$/.test(programName(word)))) return hit('service')
  if (INSTALLERS.has(program) && rest.includes('install') && rest.some((word) => DOCKER_PACKAGE.test(word))) return hit('package')
  if (rest.some((word) => /^https:\/\/get\.docker\.com(?:\/|$)/.test(word))) return hit('package')
  const sent = SPEAKERS.has(program) ? rest.findIndex((word) => /^\d?>/.test(word)) : 0
  const found = sent === -1 ? undefined : PATHS.find(([, path]) => rest.slice(sent).some((word) => path.test(word)))
  return found === undefined ? [] : hit(found[0])
}

function assignmentHit(line: string, number: number): readonly DockerHit[] {
  const value = ASSIGNMENT.exec(line)?.[1] ?? ''
  const found = PATHS.find(([, path]) => path.test(value.replace(/["';]+$/, '')))
  return found === undefined ? [] : [{kind: found[0], text: shortened(line), line: number}]
}

function unique(hits: readonly DockerHit[]): readonly DockerHit[] {
  return [...new Map(hits.map((hit) => [`${hit.line} ${hit.kind}`, hit])).values()]
}

function shortened(text: string): string {
  const words = text.trim().replace(/\s+/g, ' ')
  return words.length > LONGEST ? `${words.slice(0, LONGEST)} …` : words
}
