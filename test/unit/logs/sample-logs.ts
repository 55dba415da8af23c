// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach} from 'vitest'
import type {LogOptions} from '../../../src/logs/read.ts'
import {readLogs} from '../../../src/logs/read.ts'
import type {ByteSink, LogSinks} from '../../../src/logs/writer.ts'

/** A folder of its own for each test. */
export function logFolder(): {path: string} {
  const folder = {path: ''}
  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), 'rtctl-logs-'))
  })
  afterEach(() => rmSync(folder.path, {recursive: true, force: true}))
  return folder
}

/** A line of the CRI's format. */
export function cri(text: string, {stream = 'stdout', tag = 'F', time = '2026-01-02T03:04:05.000000001Z'} = {}): string {
  return `${time} ${stream} ${tag} ${text}\n`
}

/** A line of docker's json-file format; `text` ends with a newline unless it is a piece. */
export function json(text: string, {stream = 'stdout', time = '2026-01-02T03:04:05.5Z'} = {}): string {
  return `${JSON.stringify({log: text, stream, time})}\n`
}

/** Sinks that keep what they get, and how it was interleaved. */
export class Heard implements LogSinks {
  readonly stdout: ByteSink = this.#sink('out')
  readonly stderr: ByteSink = this.#sink('err')
  readonly warnings: string[] = []
  readonly order: ('out' | 'err')[] = []
  out = ''
  err = ''
  bytes = 0

  #sink(name: 'out' | 'err'): ByteSink {
    return {
      write: (chunk, done) => {
        this[name] += Buffer.from(chunk).toString('latin1')
        this.bytes += chunk.length
        this.order.push(name)
        setImmediate(done)
      },
    }
  }
}

export type Wanted = Partial<LogOptions>

/** Reads a log that holds `content`, without following it. */
export async function readText(folder: string, content: string | Buffer, options: Wanted = {}): Promise<Heard> {
  const path = join(folder, '0.log')
  writeFileSync(path, content)
  return readPath(path, options)
}

export async function readPath(path: string, options: Wanted = {}): Promise<Heard> {
  const heard = new Heard()
  const isRunning = () => Promise.reject(new Error('asked without following'))
  await readLogs(path, {follow: false, timestamps: false, ...options}, heard, {isRunning, onWarning: (text) => heard.warnings.push(text)})
  return heard
}
