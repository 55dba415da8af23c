// SPDX-License-Identifier: Apache-2.0

/** A simple command of a shell script. */
export interface ShellCommand {
  /** without quotes, assignments before it, and words such as `sudo` or `exec` that run the next one */
  readonly words: readonly string[]
  /** assignments before the command, as `DOCKER_HOST=tcp://a:2375` */
  readonly assignments: readonly string[]
  /** from 1 */
  readonly line: number
  /** run in the node's own namespaces or root, by `nsenter` or `chroot` */
  readonly onHost: boolean
}

interface Token {
  readonly words: readonly string[]
  readonly line: number
}

const MAX_SCRIPT = 256 * 1024
/** more than any script of that length has, unless it was made to waste time */
const MAX_COMMANDS = 10_000
const MAX_DEPTH = 4
/** words before a command that do not change which command it is */
const RUNNERS = new Set([
  'sudo', 'exec', 'time', 'nohup', 'env', 'if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{', 'command', 'nice', 'eval',
  'retry', 'xargs', 'timeout',
])
const ASSIGNMENT = /^[A-Za-z_]\w*=/
const SHELLS = /^(?:ba|da|a|z|k)?sh$/

/**
 * The commands of a shell script, as far as they can be told without running it: quotes, comments, here-documents, substitutions and
 * `sh -c` are understood. What is built from variables is not. Scripts longer than 256 KiB or ten thousand commands are cut.
 */
export function commandsIn(script: string): readonly ShellCommand[] {
  return tokens(script.slice(0, MAX_SCRIPT)).flatMap(({words, line}) => unwrapped(words, line, false, 0))
}

/** The commands that an argument vector runs: itself, or what is behind `sh -c`. */
export function commandsOfArgv(argv: readonly string[]): readonly ShellCommand[] {
  return argv.length === 0 ? [] : unwrapped(argv, 1, false, 0)
}

/** `/usr/bin/docker` → `docker`, `docker.exe` → `docker` */
export function programName(word: string): string {
  // arguments without a command: an option is no program
  if (word.startsWith('-')) return word
  return word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1).replace(/\.exe$/i, '')
}

function unwrapped(words: readonly string[], line: number, onHost: boolean, depth: number): readonly ShellCommand[] {
  const own = withoutRunners(words)
  const [first] = own
  if (first === undefined) return []
  const program = programName(first)
  if (depth < MAX_DEPTH) {
    if (SHELLS.test(program)) {
      const script = scriptOf(own)
      if (script !== undefined) return tokens(script.slice(0, MAX_SCRIPT)).flatMap((token) => unwrapped(token.words, line + token.line - 1, onHost, depth + 1))
    }
    if (program === 'nsenter') return unwrapped(afterOptions(own), line, true, depth + 1)
    if (program === 'chroot') return unwrapped(afterOptions(own).slice(1), line, true, depth + 1)
  }
  const assignments = words.slice(0, words.length - own.length).filter((word) => ASSIGNMENT.test(word))
  return [{words: [program, ...own.slice(1)], assignments, line, onHost}]
}

/** The text after `-c`, `-ec`, `-euxc` … of a shell. */
function scriptOf(words: readonly string[]): string | undefined {
  const flag = words.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word))
  return flag === -1 ? undefined : words[flag + 1]
}

function withoutRunners(words: readonly string[]): readonly string[] {
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (RUNNERS.has(word) || ASSIGNMENT.test(word)) continue
    const afterRunner = at > 0 && ['xargs', 'timeout', 'sudo', 'nice', 'retry', 'env', 'exec', 'time'].includes(words[at - 1] as string)
    if (afterRunner && /^(?:-|\d)/.test(word)) continue
    if (at > 1 && /^-[nILPu]$/.test(words[at - 1] as string)) continue
    break
  }
  return words.slice(at)
}

/** What follows the options of nsenter or chroot: `nsenter -t 1 -m -- docker ps` → `docker ps`. */
function afterOptions(words: readonly string[]): readonly string[] {
  let at = 1
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') return words.slice(at + 1)
    if (word.startsWith('-')) {
      if (/^(?:-t|--target)$/.test(word)) at++
      continue
    }
    break
  }
  return words.slice(at)
}

/** Splits a script into words, command by command. */
function tokens(script: string): readonly Token[] {
  return new Scanner(script).all()
}

class Scanner {
  readonly #text: string
  readonly #found: Token[] = []
  readonly #heredocs: string[] = []
  #at = 0
  #line = 1
  #words: string[] = []
  #word: string | undefined
  #start = 1
  /** what to go back to at the end of a substitution: whether in double quotes */
  #quoted = false
  readonly #outer: {readonly quoted: boolean; readonly words: string[]; readonly word: string | undefined; readonly start: number; readonly end: string}[] = []

  constructor(text: string) {
    this.#text = text
  }

  all(): readonly Token[] {
    while (this.#at < this.#text.length && this.#found.length < MAX_COMMANDS) this.#step()
    this.#endCommand()
    while (this.#outer.length > 0) this.#leave()
    return this.#found
  }

  #step(): void {
    const c = this.#text[this.#at] as string
    if (c === '\\') return this.#escape()
    if (this.#substitution(c)) return
    if (this.#quoted) return c === '"' ? this.#quote() : this.#take(c)
    if (c === '"') return this.#quote()
    if (c === "'") return this.#literal()
    if (c === '#' && this.#word === undefined) return this.#comment()
    if (c === '<' && this.#heredoc()) return
    if (c === '\n') return this.#newline()
    if (/\s/.test(c)) return this.#skip(() => this.#endWord())
    if (';|&()'.includes(c)) return this.#skip(() => this.#endCommand())
    this.#take(c)
  }

  #skip(then: () => void): void {
    this.#at++
    then()
  }

  #take(c: string): void {
    if (c === '\n') this.#line++
    if (this.#word === undefined && this.#words.length === 0) this.#start = this.#line
    this.#word = (this.#word ?? '') + c
    this.#at++
  }

  #escape(): void {
    const next = this.#text[this.#at + 1]
    this.#at++
    if (next === '\n') {
      this.#line++
      this.#at++
    } else if (next !== undefined) this.#take(next)
  }

  #quote(): void {
    this.#quoted = !this.#quoted
    if (this.#word === undefined && this.#words.length === 0) this.#start = this.#line
    this.#word ??= ''
    this.#at++
  }

  #literal(): void {
    const end = this.#text.indexOf("'", this.#at + 1)
    const text = this.#text.slice(this.#at + 1, end === -1 ? undefined : end)
    if (this.#word === undefined && this.#words.length === 0) this.#start = this.#line
    this.#word = (this.#word ?? '') + text
    this.#line += text.split('\n').length - 1
    this.#at = end === -1 ? this.#text.length : end + 1
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#text.length : end
  }

  #heredoc(): boolean {
    const found = /^<<-?\s*(["']?)([A-Za-z_]\w*)\1/.exec(this.#text.slice(this.#at, this.#at + 80))
    if (found?.[2] === undefined) return false
    this.#endWord()
    this.#heredocs.push(found[2])
    this.#at += found[0].length
    return true
  }

  #newline(): void {
    this.#at++
    this.#endCommand()
    this.#line++
    for (const end of this.#heredocs.splice(0)) this.#skipTo(end)
  }

  #skipTo(end: string): void {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('\n', this.#at)
      const line = this.#text.slice(this.#at, next === -1 ? undefined : next)
      this.#at = next === -1 ? this.#text.length : next + 1
      this.#line++
      if (line.trim() === end) return
    }
  }

  /** `$(…)` and backticks, also within double quotes. */
  #substitution(c: string): boolean {
    const end = this.#outer.at(-1)?.end
    if (!this.#quoted && c === end) {
      this.#endCommand()
      this.#at++
      this.#leave()
      return true
    }
    const opens = c === '`' ? '`' : c === '$' && this.#text[this.#at + 1] === '(' && this.#text[this.#at + 2] !== '(' ? ')' : undefined
    if (opens === undefined || this.#outer.length > 20) return false
    this.#outer.push({quoted: this.#quoted, words: this.#words, word: this.#word ?? '', start: this.#words.length === 0 ? this.#line : this.#start, end: opens})
    this.#words = []
    this.#word = undefined
    this.#quoted = false
    this.#at += opens === ')' ? 2 : 1
    return true
  }

  #leave(): void {
    const outer = this.#outer.pop()
    if (outer === undefined) return
    this.#words = outer.words
    this.#word = `${outer.word ?? ''}$()`
    this.#quoted = outer.quoted
    this.#start = outer.start
    if (this.#at >= this.#text.length) this.#endCommand()
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word)
    this.#word = undefined
  }

  #endCommand(): void {
    this.#endWord()
    if (this.#words.length > 0) this.#found.push({words: this.#words, line: this.#start})
    this.#words = []
  }
}
