// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {statSync} from 'node:fs'
import {NoProgram, ProgramFailed, type RunOptions} from '../machine.ts'

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
const TIMEOUT_MS = 30_000
/** Rules of a node with tens of thousands of services. */
const MAX_OUTPUT = 64 * 2 ** 20
const MAX_ERROR = 64 * 1024

/**
 * Path of a program in the system's own folders that only root can change.
 *
 * @throws NoProgram
 */
export function trustedProgram(name: string): string {
  const paths = FOLDERS.map((folder) => `${folder}/${name}`)
  const found = paths.map((path) => ({path, stats: statSync(path, {throwIfNoEntry: false})})).filter(({stats}) => stats?.isFile() === true)
  const trusted = found.find(({stats}) => stats!.uid === 0 && (stats!.mode & 0o022) === 0)
  if (trusted !== undefined) return trusted.path
  if (found.length > 0) throw new NoProgram(`Others than root may change ${found[0]!.path}, so it is not run.`)
  throw new NoProgram(`There is no program ${name} in ${FOLDERS.join(', ')}.`)
}

/**
 * Runs a program with a plain environment and no shell, in a session of its own: Ctrl-C and the end of a terminal are not to
 * reach `systemctl stop` in the middle of its work.
 *
 * @param inherited descriptor that it gets as its number 3
 * @throws NoProgram, ProgramFailed
 */
export async function runProgram(name: string, args: readonly string[], options: RunOptions = {}, inherited?: number): Promise<string> {
  const path = trustedProgram(name)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const command = [name, ...args].join(' ')
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      argv0: name, cwd: '/', detached: true, env: {PATH: FOLDERS.join(':'), LC_ALL: 'C'},
      stdio: ['ignore', 'pipe', 'pipe', ...(inherited === undefined ? [] : [inherited])],
    })
    const [out, err] = [collect(child.stdout!, MAX_OUTPUT), collect(child.stderr!, MAX_ERROR)]
    let late = false
    const timer = setTimeout(() => {
      late = true
      endGroup(child.pid)
    }, timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(new ProgramFailed(`${command} could not be started: ${error.message}`, undefined, ''))
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      const stderr = err().trim()
      if (late) reject(new ProgramFailed(`${command} did not end within ${timeoutMs / 1000} s.`, undefined, stderr))
      else if (status === 0) resolve(out())
      else reject(new ProgramFailed(`${command} ended with status ${status ?? 'of a signal'}${stderr === '' ? '.' : `: ${shortened(stderr)}`}`, status ?? undefined, stderr))
    })
  })
}

function collect(stream: NodeJS.ReadableStream, most: number): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < most) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** The program and what it started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ')
  return line.length > 600 ? `${line.slice(0, 600)}…` : line
}
