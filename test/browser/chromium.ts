// SPDX-License-Identifier: Apache-2.0
import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import type {Readable, Writable} from 'node:stream'

/** The Chromium to test with: $CHROMIUM, or Debian's; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM is ${named}, and there is no such file`)
    return named
  }
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file))
}

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--remote-debugging-pipe',
]

/** What a page did while it was open. */
export interface Visit {
  /** URLs it asked for, its own and `data:` left out */
  readonly requests: readonly string[]
  /** console messages, exceptions and what the browser itself logged (policy violations, failed loads) */
  readonly messages: readonly string[]
  /** what the expression gave */
  readonly value: unknown
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: {readonly message: string}
}

/** A headless Chromium spoken to over its debugging pipe: no port is opened. */
export class Browser {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  readonly #listeners = new Set<(message: Message) => void>()
  #next = 1

  constructor(program: string) {
    this.#profile = mkdtempSync(path.join(tmpdir(), 'rtctl-chromium-'))
    this.#process = spawn(program, [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank'], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']})
    this.#process.on('error', (error) => this.#fail(error))
    this.#process.on('exit', (code) => this.#fail(new Error(`chromium ended with ${code}`)))
    let text = ''
    const answers = this.#process.stdio[4] as Readable
    answers.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (text + chunk).split('\0')
      text = parts.pop()!
      for (const part of parts) this.#receive(JSON.parse(part) as Message)
    })
  }

  /** Opens a page at a window size, waits until it is loaded and evaluates an expression in it. */
  async visit(url: string, expression: string, {width, height}: {width: number; height: number} = {width: 1280, height: 1000}): Promise<Visit> {
    const {targetId} = await this.#send('Target.createTarget', {url: 'about:blank'})
    const {sessionId} = await this.#send('Target.attachToTarget', {targetId, flatten: true}) as {sessionId: string}
    const requests: string[] = []
    const messages: string[] = []
    const loaded = Promise.withResolvers<void>()
    const listener = ({method, params}: Message): void => {
      if (method === 'Network.requestWillBeSent') requests.push((params as {request: {url: string}}).request.url)
      if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') messages.push(JSON.stringify(params))
      if (method === 'Page.loadEventFired') loaded.resolve()
    }
    this.#listeners.add(listener)
    for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await this.#send(`${domain}.enable`, {}, sessionId)
    await this.#send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile: false}, sessionId)
    await this.#send('Page.navigate', {url}, sessionId)
    await loaded.promise
    const answer = await this.#send('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true}, sessionId)
    this.#listeners.delete(listener)
    await this.#send('Target.closeTarget', {targetId})
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails))
    return {
      requests: requests.filter((each) => each !== url && !each.startsWith('data:')), messages,
      value: (answer.result as {value: unknown}).value,
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    await this.#send('Browser.close', {}).catch(() => this.#process.kill())
    await ended
    rmSync(this.#profile, {recursive: true, force: true, maxRetries: 5})
  }

  #send(method: string, params: Record<string, unknown>, sessionId?: string): Promise<Record<string, unknown>> {
    const id = this.#next++
    const answer = Promise.withResolvers<Record<string, unknown>>()
    this.#waiting.set(id, answer)
    const orders = this.#process.stdio[3] as Writable
    orders.write(`${JSON.stringify({id, method, params, sessionId})}\0`)
    return answer.promise
  }

  #receive(message: Message): void {
    const answer = message.id === undefined ? undefined : this.#waiting.get(message.id)
    if (!answer) {
      for (const listener of this.#listeners) listener(message)
      return
    }
    this.#waiting.delete(message.id!)
    if (message.error) answer.reject(new Error(message.error.message))
    else answer.resolve(message.result ?? {})
  }

  #fail(error: Error): void {
    for (const answer of this.#waiting.values()) answer.reject(error)
    this.#waiting.clear()
  }
}
