// SPDX-License-Identifier: Apache-2.0

/** What went wrong with a stream, as far as what to do next depends on it. */
export type StreamingErrorKind =
  /** no connection: nobody listens at the address, no route, a certificate that is not trusted */
  | 'unreachable'
  /** the server answers, but does not speak this protocol at this address */
  | 'refused'
  /** the token of the URL is not known: used already, older than a minute, or the server was started anew */
  | 'not-found'
  | 'forbidden'
  /** what the server sends is not what the protocol allows */
  | 'protocol'
  /** the connection ended before the command or the transfer did */
  | 'closed'
  | 'timeout'
  /** ended by whoever asked */
  | 'aborted'
  /** the runtime did what was asked, and it failed: the message has its words */
  | 'failed'

/** A stream that could not be opened, or ended in another way than it should. The server's words in the message are bounded, not escaped. */
export class StreamingError extends Error {
  readonly kind: StreamingErrorKind
  /** status of the HTTP answer that refused the upgrade */
  readonly httpStatus: number | undefined

  constructor(kind: StreamingErrorKind, message: string, httpStatus?: number) {
    super(message)
    this.name = 'StreamingError'
    this.kind = kind
    this.httpStatus = httpStatus
  }
}

/** How much of a server's own words is kept, in characters. */
const MAX_WORDS = 4096

/** The server's words, without surrounding white space, cut off where nobody reads on. */
export function boundedWords(words: Uint8Array | string): string {
  const text = typeof words === 'string' ? words : new TextDecoder().decode(words.subarray(0, MAX_WORDS * 4))
  const trimmed = text.trim()
  return trimmed.length > MAX_WORDS ? `${trimmed.slice(0, MAX_WORDS)}… (cut off)` : trimmed
}

/** The error for an HTTP answer that is not the wanted upgrade. */
export function upgradeRefused(status: number, body: string): StreamingError {
  const words = boundedWords(body)
  const said = words === '' ? '' : `: ${words}`
  if (status === 404) return new StreamingError('not-found', `the streaming server does not know the token of this URL (HTTP 404)${said}`, status)
  if (status === 401 || status === 403) return new StreamingError('forbidden', `the streaming server refused the request (HTTP ${status})${said}`, status)
  if (status >= 300 && status < 400) return new StreamingError('refused', `the streaming server redirects elsewhere (HTTP ${status}), which is not followed`, status)
  return new StreamingError('refused', `the streaming server did not switch protocols (HTTP ${status})${said}`, status)
}

/** The error for a connection that could not be made. */
export function connectFailed(address: string, error: unknown): StreamingError {
  if (error instanceof StreamingError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StreamingError('unreachable', `no connection to the streaming server at ${address}: ${boundedWords(reason)}`)
}

/** The error for a connection that broke off. */
export function connectionLost(error: unknown): StreamingError {
  if (error instanceof StreamingError) return error
  const reason = error instanceof Error ? `: ${boundedWords(error.message)}` : ''
  return new StreamingError('closed', `the connection to the streaming server broke off${reason}`)
}

export function aborted(): StreamingError {
  return new StreamingError('aborted', 'the stream was ended here')
}
