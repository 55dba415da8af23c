// SPDX-License-Identifier: Apache-2.0
import type {ChildProcess} from 'node:child_process'
import {spawn} from 'node:child_process'
import {closeSync} from 'node:fs'
import type {Readable, Writable} from 'node:stream'
import {CannotAsk} from '../model/host.ts'
import {openRealPipe} from './real-pipe.ts'

/** What is kept of a program's complaints: their end, where the reason stands. */
const COMPLAINT_BYTES = 16 * 1024

export interface CommandStreams {
  /** goes to its standard input, no faster than it reads; undefined: it has none */
  readonly input?: AsyncIterable<Uint8Array> | undefined
  /** takes its standard output, which comes no faster than this is done with it; undefined: thrown away */
  readonly output?: ((chunk: Uint8Array) => Promise<void>) | undefined
  /** its standard output has to be one that it can open as /dev/stdout */
  readonly opensOutput?: boolean | undefined
  /** kills it */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a program of this machine as `runCommand` does, with no shell and a plain environment, and without a time limit or
 * a limit of size: what it reads and writes is streamed. Errors of the streams are thrown as they are, after the program is gone.
 *
 * @param program absolute path
 * @throws CannotAsk `unsupported` where there is no such program, `EIO` with what it said when it fails or is killed
 */
export async function streamCommand(program: string, args: readonly string[], {input, output, opensOutput, signal}: CommandStreams): Promise<void> {
  const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C'}
  const pipe = opensOutput === true ? await openRealPipe() : undefined
  const child = spawn(program, args, {env, stdio: [input === undefined ? 'ignore' : 'pipe', pipe?.writeEnd ?? 'pipe', 'pipe']})
  // The program has its own by now; the end of the output is when nobody has one.
  if (pipe !== undefined) closeSync(pipe.writeEnd)
  const kill = () => child.kill('SIGTERM')
  signal?.addEventListener('abort', kill)
  try {
    if (signal?.aborted) kill()
    const orKilled = (stream: Promise<void>) => stream.catch((error: unknown) => {
      kill()
      throw error
    })
    const ended = exitOf(child, program)
    const [exit, complaint, ...streams] = await Promise.allSettled([
      ended, tailOf(child.stderr), orKilled(feed(child.stdin, input, ended)), orKilled(drain(pipe?.output ?? child.stdout, output)),
    ])
    // Where it could not be started its streams fail as well.
    if (exit.status === 'rejected') throw exit.reason
    for (const stream of streams) if (stream.status === 'rejected') throw stream.reason
    const reason = complaint.status === 'fulfilled' ? reasonIn(complaint.value) : ''
    if (exit.value !== 0) throw new CannotAsk('EIO', reason || `\`${program}\` ended with ${exit.value}`)
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

/** Exit status, or the signal that killed it. */
async function exitOf(child: ChildProcess, program: string): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new CannotAsk('unsupported', `there is no \`${program}\` on this machine`) : new CannotAsk('EIO', error.message))
    })
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'an unknown status'))
  })
}

/** Ends with the program, even where nothing comes from the input any more. */
async function feed(stdin: Writable | null, input: AsyncIterable<Uint8Array> | undefined, ended: Promise<unknown>): Promise<void> {
  if (stdin === null || input === undefined) return
  // A program that fails stops reading: its status and its words say why.
  stdin.on('error', () => undefined)
  const over = ended.then(() => undefined, () => undefined)
  const source = input[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await Promise.race([source.next(), over])
      if (next === undefined) return
      if (next.done) break
      if (!stdin.write(next.value)) await Promise.race([drained(stdin), over])
    }
    stdin.end()
  } finally {
    // Not waited for: it would be after the bytes that do not come.
    source.return?.().catch(() => undefined)
  }
}

async function drained(stdin: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    stdin.once('drain', () => resolve())
  })
}

async function drain(stdout: Readable | null, output: CommandStreams['output']): Promise<void> {
  for await (const chunk of bytesOf(stdout)) await output?.(chunk)
}

async function tailOf(stderr: Readable | null): Promise<string> {
  let tail = Buffer.alloc(0)
  for await (const chunk of bytesOf(stderr)) tail = Buffer.concat([tail, chunk]).subarray(-COMPLAINT_BYTES)
  return tail.toString()
}

function bytesOf(stream: Readable | null): AsyncIterable<Buffer> | readonly Buffer[] {
  return (stream as AsyncIterable<Buffer> | null) ?? []
}

/** The last line that is no mere warning of a Go program's log. */
function reasonIn(complaint: string): string {
  return complaint.split('\n').map((line) => line.trim()).findLast((line) => line !== '' && !/\blevel=(?:warning|info|debug)\b/.test(line)) ?? ''
}
