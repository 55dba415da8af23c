// SPDX-License-Identifier: Apache-2.0
import type {Socket} from 'node:net'
import {aborted, boundedWords, connectFailed, StreamingError} from './errors.ts'

/** What TLS to a streaming server needs; file contents, in PEM. */
export interface TlsOptions {
  /** trusted instead of the system's authorities */
  readonly ca?: Buffer | undefined
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
  /** the name that the certificate must have; the host of the URL unless told */
  readonly serverName?: string | undefined
  /** take any certificate */
  readonly insecure?: boolean | undefined
}

export interface ConnectOptions {
  readonly tls?: TlsOptions | undefined
  /** limit of connecting and of the handshake, each, in milliseconds */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Where a streaming URL leads. */
export interface Target {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** `127.0.0.1:40123`, as the Host header has it */
  readonly authority: string
  /** path and query */
  readonly path: string
}

/**
 * Takes a streaming URL apart.
 *
 * @param url as the runtime answered. A path alone comes from a kubelet that serves the streams of dockershim itself
 *   (kubelet before 1.20 with --redirect-container-streaming), behind its own authentication.
 * @throws StreamingError `protocol`
 */
export function targetOf(url: string): Target {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^(?:http|ws)s?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new StreamingError('protocol', `the runtime answered a streaming URL that leads nowhere: ${boundedWords(url)}`)
  }
  const secure = parsed.protocol === 'https:' || parsed.protocol === 'wss:'
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port)
  return {secure, host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port, authority: parsed.host, path: parsed.pathname + parsed.search}
}

/**
 * A connected socket, paused, Nagle's algorithm off.
 *
 * @throws StreamingError `unreachable`, `timeout`, `aborted`
 */
export async function connectTo(target: Target, options: ConnectOptions): Promise<Socket> {
  const {signal, timeoutMs} = options
  if (signal?.aborted) throw aborted()
  const socket = await dial(target, options.tls)
  socket.setNoDelay(true)
  return new Promise<Socket>((resolve, reject) => {
    const settle = (error?: StreamingError) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      if (error === undefined) return resolve(socket)
      socket.on('error', () => undefined).destroy()
      reject(error)
    }
    const onAbort = () => settle(aborted())
    const onError = (error: Error) => settle(connectFailed(target.authority, error))
    const timer = setTimeout(() => settle(new StreamingError('timeout', `no connection to the streaming server at ${target.authority} in time`)), timeoutMs)
    socket.once('error', onError).once(target.secure ? 'secureConnect' : 'connect', () => settle())
    signal?.addEventListener('abort', onAbort)
  })
}

async function dial({secure, host, port, authority}: Target, tls: TlsOptions = {}): Promise<Socket> {
  if (!secure) {
    const {connect} = await import('node:net')
    return connect({host, port})
  }
  const {connect} = await import('node:tls')
  const {isIP} = await import('node:net')
  const {ca, cert, key, insecure} = tls
  // RFC 6066, 3: an address is not a server name.
  const servername = tls.serverName ?? (isIP(host) ? undefined : host)
  try {
    return connect({host, port, ...present({ca, cert, key, servername}), rejectUnauthorized: !insecure, ALPNProtocols: ['http/1.1']})
  } catch (error) {
    throw connectFailed(authority, error)
  }
}

type Present<T> = {[K in keyof T]?: Exclude<T[K], undefined>}

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
}
