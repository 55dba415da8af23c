// SPDX-License-Identifier: Apache-2.0
import type {Component, Fingerprint} from '../model/component.ts'
import type {Process} from '../model/facts.ts'
import {components} from './index.ts'

/** Programs that run a script: the component is the script they were given. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'])
const LANGUAGES = new Set(['ruby', 'python', 'perl', 'node'])
const LOADER = /^ld-(linux|musl)-?[^/]*\.so\.[0-9]$/

/** What a release puts behind a program's name: `kubelet-v1.30.2`, `firecracker-v1.4.1-x86_64`, `runc.amd64`. */
const RELEASE = /([-_]v?[0-9]+(\.[0-9]+)+.*|[-_.](x86_64|amd64|aarch64|arm64|armhf|s390x|ppc64le))$/

/** The kernel keeps this much of a process's name (TASK_COMM_LEN in include/linux/sched.h, less the final NUL). */
const COMM_LENGTH = 15

/** No more than this of a process is looked at: its argv is its own to write, and can be megabytes. */
const LONGEST_NAME = 255
const LONGEST_ARGUMENT = 4096
const MOST_ARGUMENTS = 64

interface Rule {
  readonly component: Component
  readonly fingerprint: Fingerprint
}

interface Command {
  readonly program: string
  readonly rest: readonly string[]
}

const RULES: readonly Rule[] = components.flatMap((component) =>
  component.fingerprints.map((fingerprint) => ({component, fingerprint})),
)
const BY_NAME = rulesByName()
const BY_COMM = namesByComm()
const PATTERNS = RULES.filter(({fingerprint}) => fingerprint.program instanceof RegExp)
const WITHOUT_PROGRAM = RULES.filter(({fingerprint}) => fingerprint.program === undefined)

/**
 * The component that a process is, by the program it says it runs, or undefined for anything else.
 *
 * A process can write any name into its argv: this says what it looks like, and whoever draws a chain from it needs
 * evidence of its own. The file behind `exe` is not asked, since several components share one (runsc, hyperkube).
 *
 * Tried in this order: the program's exact name, that name without a release number or architecture, patterns of names,
 * then rules that ask for no program. Where argv is empty (a process about to end) there is only the kernel's name, 15
 * characters long: it counts where just one component can have it. A program that prints its version and ends, as rtctl asks
 * some to do, is none.
 */
export function componentOf(process: Pick<Process, 'comm' | 'argv'>): Component | undefined {
  const {comm} = process
  const command = commandOf(process.argv)
  if (command === undefined) return BY_COMM.get(comm)
  const {program, rest} = command
  if (rest.length === 1 && rest[0] === '--version') return undefined
  return (
    firstHolding(BY_NAME.get(program), program, rest, comm) ??
    firstHolding(BY_NAME.get(program.replace(RELEASE, '')), program, rest, comm) ??
    firstHolding(PATTERNS, program, rest, comm) ??
    firstHolding(WITHOUT_PROGRAM, program, rest, comm)
  )
}

/** Program and arguments as a person would name them; undefined where argv says nothing. */
function commandOf(argv: readonly string[]): Command | undefined {
  const first = argv[0]
  if (first === undefined || first === '') return undefined
  // Daemons that set a title write one string over argv: `k3s server`, `sshd: root@pts/0`.
  const isTitle = (argv.length === 1 || argv[1] === '') && first.includes(' ')
  const words = isTitle ? first.slice(0, LONGEST_ARGUMENT).split(' ') : argv
  const program = programName(words[0] ?? '')
  const script = scriptIndex(program, words)
  if (script === undefined) return {program, rest: words.slice(1, MOST_ARGUMENTS)}
  return {program: programName(words[script] ?? ''), rest: words.slice(script + 1, MOST_ARGUMENTS)}
}

/** `/usr/bin/dockerd` → `dockerd`, a login shell's `-bash` → `bash`, a title's `sshd:` → `sshd`. */
function programName(word: string): string {
  if (word.length > LONGEST_ARGUMENT) return ''
  const start = word.lastIndexOf('/') + 1
  const end = word.endsWith(':') ? word.length - 1 : word.length
  const name = word.slice(word[start] === '-' ? start + 1 : start, end)
  return name.length > LONGEST_NAME ? '' : name
}

/** Where in argv the script of an interpreter stands; undefined where there is no interpreter or no script file. */
function scriptIndex(program: string, words: readonly string[]): number | undefined {
  const interpreter = program.replace(/[0-9][0-9.]*$/, '')
  const isShell = SHELLS.has(interpreter)
  // rkt starts systemd-nspawn through the dynamic loader of its own stage 1.
  if (!isShell && !LANGUAGES.has(interpreter) && !LOADER.test(program)) return undefined
  // Code in the command line (`sh -ec …`, `python -m …`) is no file, and its next word is no program.
  const inline = isShell ? /^-[a-z]*c/ : /^-[cem]$/
  for (const [index, word] of words.slice(0, MOST_ARGUMENTS).entries()) {
    if (index === 0) continue
    if (inline.test(word)) return undefined
    if (!word.startsWith('-')) return index
  }
  return undefined
}

function firstHolding(
  rules: readonly Rule[] | undefined,
  program: string,
  rest: readonly string[],
  comm: string,
): Component | undefined {
  if (rules === undefined) return undefined
  for (const {component, fingerprint} of rules) {
    if (holds(fingerprint, program, rest, comm)) return component
  }
  return undefined
}

function holds(fingerprint: Fingerprint, program: string, rest: readonly string[], comm: string): boolean {
  const {argument, firstArgument} = fingerprint
  if (fingerprint.program instanceof RegExp && !fingerprint.program.test(program)) return false
  if (fingerprint.comm !== undefined && !fits(fingerprint.comm, comm)) return false
  if (firstArgument !== undefined && !isMatch(firstArgument, rest[0])) return false
  return argument === undefined || rest.some((word) => isMatch(argument, word))
}

function isMatch(pattern: RegExp, word: string | undefined): boolean {
  return word !== undefined && word.length <= LONGEST_ARGUMENT && pattern.test(word)
}

function fits(expected: string | RegExp, text: string): boolean {
  return typeof expected === 'string' ? expected === text : expected.test(text)
}

/** Rules by exact program name; of those for one name, the ones that also ask for an argument come first. */
function rulesByName(): ReadonlyMap<string, readonly Rule[]> {
  const named = RULES.filter(({fingerprint}) => typeof fingerprint.program === 'string')
  const demands = ({fingerprint}: Rule) => Number(Boolean(fingerprint.argument ?? fingerprint.firstArgument))
  const map = Map.groupBy(named, ({fingerprint}) => String(fingerprint.program))
  for (const rules of map.values()) rules.sort((a, b) => demands(b) - demands(a))
  return map
}

/** Components by what the kernel keeps of their program's name. A name that two share (`containerd-shim`) is left out. */
function namesByComm(): ReadonlyMap<string, Component> {
  const plain = RULES.filter(({fingerprint: {argument, firstArgument}}) => !argument && !firstArgument)
  const named = plain.filter(({fingerprint}) => typeof fingerprint.program === 'string')
  const byComm = Map.groupBy(named, ({fingerprint}) => String(fingerprint.program).slice(0, COMM_LENGTH))
  const unique = [...byComm].map(([comm, rules]) => [comm, new Set(rules.map((rule) => rule.component))] as const)
  const alone = unique.filter(([, those]) => those.size === 1)
  return new Map(alone.flatMap(([comm, those]) => [...those].map((one) => [comm, one] as const)))
}
