// SPDX-License-Identifier: Apache-2.0
import type {Socket} from 'node:net'
import {aborted, connectionLost, StreamingError, upgradeRefused} from './errors.ts'
import type {ConnectOptions, Target} from './target.ts'

/** Longest status line and headers, in bytes. */
const MAX_HEAD = 16 * 1024
/** How much of the body of a refusal is read, in bytes, and for how long, in milliseconds. */
const MAX_BODY = 8 * 1024
const BODY_PATIENCE_MS = 1000

export type Header = readonly [name: string, value: string]

interface Head {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
}

/**
 * Asks the server to switch protocols (HTTP/1.1, RFC 9110 section 7.8). By hand, since node:http takes 20 ms to load.
 * The socket is paused afterwards; what came behind the answer is the next that is read from it.
 *
 * @returns headers of the answer, names in lower case
 * @throws StreamingError when the answer is not 101, with the body of the answer
 */
export async function upgrade(
  socket: Socket,
  target: Target,
  headers: readonly Header[],
  {timeoutMs, signal}: ConnectOptions,
): Promise<ReadonlyMap<string, string>> {
  const fields = headers.map(([name, value]) => `${name}: ${value}`)
  const lines = [`POST ${target.path} HTTP/1.1`, `Host: ${target.authority}`, 'Connection: Upgrade', ...fields]
  socket.write(`${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
  const reader = new AnswerReader(socket)
  const late = setTimeout(() => reader.fail(new StreamingError('timeout', `the streaming server at ${target.authority} does not answer`)), timeoutMs)
  const onAbort = () => reader.fail(aborted())
  signal?.addEventListener('abort', onAbort)
  try {
    const head = await reader.head()
    if (head.status !== 101) throw upgradeRefused(head.status, await reader.body(head))
    return head.headers
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', onAbort)
    reader.release()
  }
}

class AnswerReader {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #failure: StreamingError | undefined
  #changed: () => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', this.#onData).on('error', this.#onError).on('end', this.#onEnd).on('close', this.#onEnd).resume()
  }

  readonly #onData = (chunk: Buffer) => {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    this.#changed()
  }

  readonly #onError = (error: Error) => this.fail(connectionLost(error))

  readonly #onEnd = () => {
    this.#ended = true
    this.#changed()
  }

  fail(error: StreamingError): void {
    this.#failure ??= error
    this.#changed()
  }

  release(): void {
    const {data, error, end} = {data: this.#onData, error: this.#onError, end: this.#onEnd}
    this.#socket.pause().off('data', data).off('error', error).off('end', end).off('close', end)
    if (this.#bytes.length > 0) this.#socket.unshift(this.#bytes)
  }

  async head(): Promise<Head> {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end >= 0 && end <= MAX_HEAD) {
        const head = parseHead(this.#bytes.toString('latin1', 0, end))
        this.#bytes = this.#bytes.subarray(end + 4)
        return head
      }
      if (this.#bytes.length > MAX_HEAD) throw new StreamingError('protocol', 'the streaming server does not answer in HTTP')
      if (this.#failure) throw this.#failure
      if (this.#ended) throw new StreamingError('closed', 'the streaming server closed the connection without an answer')
      await this.#change()
    }
  }

  /** The beginning of the body, as far as it comes soon. */
  async body({headers}: Head): Promise<string> {
    const announced = Number(headers.get('content-length') ?? Number.NaN)
    const wanted = Math.min(Number.isSafeInteger(announced) ? announced : MAX_BODY, MAX_BODY)
    const patience = setTimeout(this.#onEnd, BODY_PATIENCE_MS)
    while (this.#bytes.length < wanted && !this.#ended && this.#failure === undefined) await this.#change()
    clearTimeout(patience)
    return this.#bytes.toString('utf8', 0, wanted)
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve
    })
  }
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]
  if (status === undefined) throw new StreamingError('protocol', 'the streaming server does not answer in HTTP')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, Math.max(colon, 0)).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return {status: Number(status), headers: new Map(headers)}
}
