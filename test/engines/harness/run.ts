// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'

export interface Outcome {
  /** exit status; 128 + signal number is not used: a program ended by a signal has `signal` instead */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** wall-clock milliseconds */
  readonly took: number
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** milliseconds; then the program gets SIGKILL and the outcome has that signal */
  readonly timeout?: number
}

/** Runs a program to its end and gives what it printed. Throws only when it cannot be started. */
export function outcomeOf(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout ?? 120_000, killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({code, signal, stdout, stderr, took: performance.now() - started}))
  })
}

/** Like `outcomeOf`, for a program that must succeed: gives its standard output, throws with what it said otherwise. */
export async function outputOf(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await outcomeOf(program, args, options)
  if (outcome.code === 0) return outcome.stdout
  const said = (outcome.stderr + outcome.stdout).trim().slice(-4000)
  throw new Error(`${program} ${args.join(' ')}: ${outcome.signal ?? `exit status ${outcome.code}`}\n${said}`)
}

/** Calls `attempt` every 100 ms until it stops throwing; throws its last error after `timeout` milliseconds. */
export async function eventually<T>(timeout: number, attempt: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + timeout
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
