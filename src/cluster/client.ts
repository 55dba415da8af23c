// SPDX-License-Identifier: Apache-2.0
import type {JsonObject} from '../model/json.ts'
import {UserError} from '../model/user-error.ts'
import {type Answer, type Connection, TooLarge, TooSlow} from './connection.ts'

/** Why there is no answer, after all tries. */
export type FailureKind =
  | 'unauthorized' | 'forbidden' | 'not-found' | 'conflict' | 'throttled' | 'refused' | 'server-error'
  /** the rest of a list is no longer to be had by its token */
  | 'expired'
  | 'network' | 'timeout' | 'too-large' | 'malformed'

export interface Failure {
  readonly kind: FailureKind
  /** what the server or the network said */
  readonly detail: string
  /** `code` of an error of the network */
  readonly code?: string
  /** `expired`: goes on, over objects as they are by now */
  readonly token?: string
}

export type Got =
  | {readonly ok: true; readonly value: JsonObject; readonly bytes: number}
  | {readonly ok: false; readonly failure: Failure}

export interface Patience {
  /** tries of one question where the server or the network fails */
  readonly tries: number
  /** tries where the server says that it is busy */
  readonly busyTries: number
  /** the longest wait it may ask for, in milliseconds */
  readonly longestWaitMs: number
  sleep(ms: number): Promise<void>
}

/** How long a person waits before he thinks that nothing happens any more. */
export const PATIENCE: Patience = {
  tries: 3,
  busyTries: 6,
  longestWaitMs: 30_000,
  sleep: (ms) => new Promise((resolve) => {
    setTimeout(resolve, ms)
  }),
}

const FIRST_WAIT_MS = 250

/** Asks for one JSON object, or writes one, again where that may help. Throws only a UserError, where there is no way to log in from the start. */
export class Client {
  readonly #connection: Connection
  readonly #patience: Patience
  #renewed = false
  #answered = false

  constructor(connection: Connection, patience: Patience) {
    this.#connection = connection
    this.#patience = patience
  }

  get(path: string): Promise<Got> {
    return this.#again(() => this.#connection.get(path))
  }

  /** Writes an object and gives it as the server has it now. A write that may have arrived is sent again: use it for what may be done twice. */
  write(method: 'POST' | 'PUT', path: string, object: JsonObject): Promise<Got> {
    const body = JSON.stringify(object)
    return this.#again(() => this.#connection.send(method, path, body))
  }

  async #again(question: () => Promise<Answer>): Promise<Got> {
    for (let attempt = 1; ; attempt++) {
      const {got, retryAfter} = await this.#once(question)
      if (got.ok) return got
      const wait = this.#waitFor(got.failure, attempt, retryAfter)
      if (wait === undefined) return got
      await this.#patience.sleep(wait)
    }
  }

  async #once(question: () => Promise<Answer>): Promise<{readonly got: Got; readonly retryAfter?: string}> {
    try {
      const answer = await question()
      this.#answered = true
      return {got: gotFrom(answer), ...(answer.retryAfter !== undefined && {retryAfter: answer.retryAfter})}
    } catch (error) {
      if (!(error instanceof UserError)) return {got: {ok: false, failure: failureOf(error)}}
      if (!this.#answered) throw error
      return {got: failed('unauthorized', error.message)}
    }
  }

  /** Milliseconds until the next try; undefined where there is none. */
  #waitFor({kind}: Failure, attempt: number, retryAfter: string | undefined): number | undefined {
    const {tries, busyTries, longestWaitMs} = this.#patience
    const told = retryAfter === undefined ? Number.NaN : Number(retryAfter) * 1000
    const wait = Math.min(told > 0 ? told : FIRST_WAIT_MS * 2 ** attempt, longestWaitMs)
    switch (kind) {
      case 'throttled':
        return attempt < busyTries ? wait : undefined
      case 'server-error':
      case 'network':
      case 'timeout':
        return attempt < tries ? wait : undefined
      case 'unauthorized':
        // A token that ran out on the way: once.
        if (this.#renewed) return undefined
        this.#renewed = true
        this.#connection.renew()
        return 0
      default:
        return undefined
    }
  }
}

function gotFrom({status, body}: Answer): Got {
  const value = jsonObject(body)
  if (status === 200 || status === 201) {
    return value === undefined ? failed('malformed', `no JSON object: ${start(body)}`) : {ok: true, value, bytes: body.length}
  }
  const detail = `HTTP ${status}${said(value, body)}`
  switch (status) {
    case 401:
      return failed('unauthorized', detail)
    case 403:
      return failed('forbidden', detail)
    case 404:
      return failed('not-found', detail)
    case 409:
      return failed('conflict', detail)
    case 410:
      return {ok: false, failure: {kind: 'expired', detail, ...tokenOf(value)}}
    case 429:
      return failed('throttled', detail)
    default:
      return failed(status >= 500 ? 'server-error' : 'refused', detail)
  }
}

function failed(kind: FailureKind, detail: string): Got {
  return {ok: false, failure: {kind, detail}}
}

/** A server that lets a list expire gives a token to go on with all the same, see k8s.io/apiserver storage/etcd3 errors.go. */
function tokenOf(status: JsonObject | undefined): {readonly token?: string} {
  const metadata = status?.['metadata']
  const token = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? (metadata as JsonObject)['continue'] : undefined
  return typeof token === 'string' && token !== '' ? {token} : {}
}

function said(value: JsonObject | undefined, body: string): string {
  const message = value?.['message']
  const text = typeof message === 'string' ? message : start(body)
  return text === '' ? '' : `: ${start(text)}`
}

function start(text: string): string {
  const line = text.slice(0, 400).replaceAll(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

function jsonObject(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof TooLarge) return {kind: 'too-large', detail: error.message}
  if (error instanceof TooSlow) return {kind: 'timeout', detail: error.message}
  const {code, message} = error as NodeJS.ErrnoException
  return {kind: 'network', detail: message === '' || message === undefined ? String(code ?? error) : message, ...(code !== undefined && {code})}
}
