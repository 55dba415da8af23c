// SPDX-License-Identifier: Apache-2.0

/** Flags that crictl takes before its verb: short and long name → the flag of ours, and whether it takes a value. */
const GLOBAL: Readonly<Record<string, {readonly flag: string; readonly value: boolean}>> = {
  'runtime-endpoint': {flag: 'runtime-endpoint', value: true},
  r: {flag: 'runtime-endpoint', value: true},
  'image-endpoint': {flag: 'image-endpoint', value: true},
  i: {flag: 'image-endpoint', value: true},
  config: {flag: 'config', value: true},
  c: {flag: 'config', value: true},
  timeout: {flag: 'call-timeout', value: true},
  t: {flag: 'call-timeout', value: true},
  'max-retries': {flag: 'max-retries', value: true},
  debug: {flag: 'debug', value: false},
  D: {flag: 'debug', value: false},
}

/** Verbs that ask no runtime, and the flags of crictl that mean something to them. */
const ASKS_NOBODY: Readonly<Record<string, readonly string[]>> = {which: [], completion: [], config: ['config']}

/** Words that belong to the verb before them. */
const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  images: ['load', 'save', 'tag'],
  create: ['jsonschema', 'js'],
  run: ['jsonschema', 'js'],
  runp: ['jsonschema', 'js'],
  pull: ['jsonschema', 'js'],
}

/**
 * Lets `alias crictl='rtctl cri'` work: crictl's flags stand before its verb, `cri -r unix:///x ps`, ours after it.
 * Their short forms mean other things there (`exec -i`), so they are put behind the verb under their long names. A command line
 * without such flags stays as it is.
 *
 * @param argv all words after `rtctl`, the first of which is `cri`
 */
export function moveGlobalFlags(argv: readonly string[]): readonly string[] {
  const moved: string[] = []
  let index = 1
  while (index < argv.length) {
    const taken = globalFlag(argv, index)
    if (taken === undefined) break
    moved.push(...taken.words)
    index += taken.length
  }
  const [verb = '', next = ''] = argv.slice(index)
  if (index === 1 || verb === '' || verb.startsWith('-')) return argv
  const words = SUBCOMMANDS[verb]?.includes(next) ? 2 : 1
  const understood = Object.hasOwn(ASKS_NOBODY, verb) ? moved.filter((word) => ASKS_NOBODY[verb]?.some((flag) => word.startsWith(`--${flag}=`))) : moved
  return ['cri', ...argv.slice(index, index + words), ...understood, ...argv.slice(index + words)]
}

/** Go's flags: one dash or two, `-name value` or `-name=value`. */
function globalFlag(argv: readonly string[], index: number): {readonly words: readonly string[]; readonly length: number} | undefined {
  const [, name = '', equals, text = ''] = /^--?([A-Za-z][\w-]*)(=)?(.*)$/s.exec(argv[index] ?? '') ?? []
  const known = Object.hasOwn(GLOBAL, name) ? GLOBAL[name] : undefined
  if (known === undefined || (equals === undefined && text !== '')) return undefined
  if (!known.value) return {words: equals === undefined || text === 'true' ? [`--${known.flag}`] : [], length: 1}
  if (equals !== undefined) return {words: [`--${known.flag}=${text}`], length: 1}
  const value = argv[index + 1]
  return value === undefined ? undefined : {words: [`--${known.flag}=${value}`], length: 2}
}

/** Flags of `exec` that take a value, which a test holds against the command: to load it here would be early. */
const EXEC_OPTIONS: FlagShapes = Object.fromEntries([
  ['transport', 'r'], ['timeout'], ['name'], ['pod', 'p'], ['image'], ['state'], ['label'], ['last', 'n'],
  ['tls-sni'], ['tls-server-name'], ['tls-ca'], ['tls-cert'], ['tls-key'],
  ['runtime-endpoint'], ['image-endpoint'], ['config'], ['call-timeout'], ['max-retries'],
].map(([name = '', char]) => [name, {type: 'option', char}]))

/**
 * The command line of `cri` as oclif is to see it: crictl's flags behind the verb, and what belongs to the command that
 * `exec` runs behind `--`, since oclif would take `exec ID tar --help` for a wish for its own help.
 *
 * @param argv all words after `rtctl`, the first of which is `cri`
 */
export function criArguments(argv: readonly string[]): readonly string[] {
  const moved = moveGlobalFlags(argv)
  return moved[1] === 'exec' ? ['cri', 'exec', ...endFlagsAtFirstArgument(moved.slice(2), EXEC_OPTIONS)] : moved
}

/** What has to be known of a command's flags to tell its arguments from them. */
export type FlagShapes = Readonly<Record<string, {readonly type?: string; readonly char?: string | undefined}>>

/**
 * Ends the flags at the first argument, as crictl does: in `exec -it ID ls -l` the `-l` belongs to `ls`.
 *
 * @param argv the words after the verb
 * @returns the same words with `--` before the first argument, unless there is one already
 */
export function endFlagsAtFirstArgument(argv: readonly string[], flags: FlagShapes): readonly string[] {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (word === '--') return argv
    if (!word.startsWith('-') || word === '-') return [...argv.slice(0, index), '--', ...argv.slice(index)]
    if (takesNextWord(word, flags)) index++
  }
  return argv
}

function takesNextWord(word: string, flags: FlagShapes): boolean {
  if (word.startsWith('--')) return !word.includes('=') && flags[word.slice(2)]?.type === 'option'
  // Of `-its value` only the last letter can take the next word: one before it would take the rest of its own word.
  const letters = word.slice(1)
  const first = [...letters].findIndex((letter) => isOption(letter, flags))
  return first === letters.length - 1
}

function isOption(char: string, flags: FlagShapes): boolean {
  return Object.values(flags).some((flag) => flag.char === char && flag.type === 'option')
}
