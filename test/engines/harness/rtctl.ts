// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {basename, join, resolve} from 'node:path'
import {rtctl, type Answer} from '../../cli/support.ts'
import type {Engines} from './engines.ts'
import {eventually} from './run.ts'

const program = join(resolve(import.meta.dirname, '../../..'), 'bin/dev.js')

/** How a process of rtctl ended. */
export interface Ended {
  /** exit status; null: a signal ended it */
  readonly status: number | null
  readonly stdout: string
  /** the same as it came */
  readonly bytes: Buffer
  readonly stderr: string
  /** milliseconds since it was started */
  readonly took: number
}

/** A process of rtctl that goes on. Its standard input is a pipe that stays open until `end`. */
export interface Running {
  readonly write: (text: string) => void
  /** closes its standard input */
  readonly end: () => void
  readonly signal: (signal: NodeJS.Signals) => void
  /** what it has printed until now */
  readonly stdout: () => string
  readonly stderr: () => string
  /** waits until it has printed that; fails with all that it has said, when it ends or 30 s pass before */
  readonly says: (part: string | RegExp) => Promise<string>
  readonly ended: Promise<Ended>
}

export interface Cri {
  /** runs `rtctl cri …argv` on these engines in this process, one at a time: quick, but without standard input */
  (...argv: readonly string[]): Promise<Answer>
  /** the same for one that must succeed: its standard output without the last line break */
  readonly ok: (...argv: readonly string[]) => Promise<string>
  /** runs it to its end in a process of its own, with this standard input */
  readonly fed: (input: string | Buffer, ...argv: readonly string[]) => Promise<Ended>
  /** starts it in a process of its own */
  readonly start: (...argv: readonly string[]) => Running
  /** starts it on a terminal of 33 lines and 101 columns, after a line with the name of that terminal; its lines end in CR LF */
  readonly onTerminal: (...argv: readonly string[]) => Running
}

/** Those that run in this process: what they print is told apart by time only. */
let last: Promise<unknown> = Promise.resolve()

/** `rtctl cri` from source, with the engine's endpoint or another one. */
export function criOf(engines: Pick<Engines, 'containerdSocket' | 'directory'>, socket = engines.containerdSocket): Cri {
  // the machine may have a runtime and a configuration of its own
  const words = (argv: readonly string[]) => ['cri', '--runtime-endpoint', `unix://${socket}`, '--config', '/dev/null', ...argv]
  const here = (...argv: readonly string[]) => {
    const answer = last.then(() => rtctl(...words(argv)))
    last = answer.catch(() => {})
    return answer
  }
  // what is left of them ends with the engines
  const marker = {RTCTL_TEST_RUN: basename(engines.directory)}
  const start = (...argv: readonly string[]) => running(process.execPath, [program, ...words(argv)], marker)
  return Object.assign(here, {
    start,
    ok: async (...argv: readonly string[]) => {
      const {status, stdout, stderr} = await here(...argv)
      if (status !== 0) throw new Error(`rtctl cri ${argv.join(' ')}: exit status ${status}\n${stderr}${stdout}`)
      return stdout.replace(/\n$/, '')
    },
    fed: (input: string | Buffer, ...argv: readonly string[]) => {
      const run = start(...argv)
      run.write(input)
      run.end()
      return run.ended
    },
    onTerminal: (...argv: readonly string[]) => {
      const quoted = [process.execPath, program, ...words(argv)].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
      return running('script', ['--quiet', '--return', '--command', `tty; stty rows 33 cols 101; exec ${quoted}`, '/dev/null'], marker)
    },
  })
}

interface Process extends Running {
  readonly write: (text: string | Buffer) => void
}

const LIMIT_MS = 100_000

function running(command: string, args: readonly string[], marker: Readonly<Record<string, string>>): Process {
  const started = performance.now()
  const child = spawn(command, args, {
    env: {...marker, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', TERM: 'xterm', SHELL: '/bin/sh'}, cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL',
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
  // it may end without having read all
  child.stdin.on('error', () => {})
  const stdout = () => Buffer.concat(output).toString()
  const stderr = () => Buffer.concat(errors).toString()
  let over = false
  const ended = new Promise<Ended>((settle, fail) => {
    child.once('error', fail)
    child.once('close', status => {
      over = true
      settle({status, stdout: stdout(), bytes: Buffer.concat(output), stderr: stderr(), took: performance.now() - started})
    })
  })
  return {
    stdout, stderr, ended,
    write: text => { child.stdin.write(text) },
    end: () => { child.stdin.end() },
    signal: signal => { child.kill(signal) },
    says: part => eventually(30_000, () => {
      const said = stdout()
      if (typeof part === 'string' ? said.includes(part) : part.test(said)) return said
      throw new Error(`${args.join(' ')} ${over ? 'has ended' : 'has not said'} ${String(part)}\n${said}\n${stderr()}`)
    }),
  }
}
