// SPDX-License-Identifier: Apache-2.0
// One question after the other to an API server. How to log in, and through which proxy, is the Kubernetes client's part; its generated API
// is not used: it makes an instance of a class of every object.
import type {Agent, IncomingMessage, RequestOptions} from 'node:http'
import {UserError} from '../model/user-error.ts'
import {proxyFor} from './proxy.ts'
import type {ServerChoice} from './kubeconfig.ts'

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number
  /** as the header gives it: seconds, or a date */
  readonly retryAfter?: string
  readonly body: string
}

/** The answer is longer than it may be. */
export class TooLarge extends Error {}

/** It took longer than it may take. */
export class TooSlow extends Error {}

export interface ConnectionLimits {
  /** for one answer, in milliseconds */
  readonly timeoutMs: number
  /** of one answer, unpacked */
  readonly maxBytes: number
}

export interface Connection {
  readonly context: string
  readonly server: string
  /**
   * @param path with its query: `/api/v1/nodes?limit=500`
   * @throws UserError where there is no way to log in
   * @throws TooLarge, TooSlow, and errors of the network with a `code`
   */
  get(path: string): Promise<Answer>
  /** Writes JSON; as `get` otherwise. */
  send(method: 'POST' | 'PUT', path: string, body: string): Promise<Answer>
  /** Forgets what it logged in with. */
  renew(): void
  close(): void
}

/** Opens nothing yet: the first question does. */
export async function connectionTo(choice: ServerChoice, environment: Readonly<Record<string, string | undefined>>, limits: ConnectionLimits): Promise<Connection> {
  const {KubeConfig} = await import('@kubernetes/client-node/dist/config.js')
  const [http, https] = await Promise.all([import('node:http'), import('node:https')])
  const {context, cluster, user, source} = choice
  const proxyUrl = cluster.proxyUrl ?? proxyFor(cluster.server, environment)
  const open = () => {
    const config = new KubeConfig()
    config.loadFromOptions({
      clusters: [{...cluster, ...(proxyUrl !== undefined && {proxyUrl})}], users: [user],
      contexts: [{name: context, cluster: cluster.name, user: user.name}], currentContext: context,
    })
    return config
  }
  const base = new URL(cluster.server)
  const send = base.protocol === 'https:' ? https.request : http.request
  let config = open()
  let agent: Agent | undefined
  const question = async (method: string, path: string, body?: string) => {
    const options = await loggedIn(config, source)
    agent = options.agent as Agent
    const url = new URL(base.pathname.replace(/\/$/, '') + path, base)
    return ask((found) => send(url, {...options, method, headers: {...headersOf(options), ...bodyHeaders(body)}}, found), limits, body)
  }
  return {
    context,
    server: cluster.server,
    get: (path) => question('GET', path),
    send: question,
    renew: () => {
      agent?.destroy()
      config = open()
    },
    close: () => agent?.destroy(),
  }
}

type KubeConfig = InstanceType<(typeof import('@kubernetes/client-node/dist/config.js'))['KubeConfig']>

/** @throws UserError where a file is missing, or a plugin does not give a credential */
async function loggedIn(config: KubeConfig, source: string): Promise<RequestOptions> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    throw new UserError(`No credentials from ${source}: ${words(error)}`, 'Try `kubectl version` with the same kubeconfig; where that asks you to log in, do so first.')
  }
  const headers = Object.entries((options.headers ?? {}) as Record<string, unknown>).map(([name, value]) => [name, String(value).trim()])
  if (options.agent instanceof Object) keepOpen(options.agent)
  return {...options, headers: {...Object.fromEntries(headers), Accept: 'application/json', 'Accept-Encoding': 'gzip', 'User-Agent': 'rtctl'}}
}

function headersOf({headers}: RequestOptions): Readonly<Record<string, string>> {
  return headers as Readonly<Record<string, string>>
}

function bodyHeaders(body: string | undefined): Readonly<Record<string, string>> {
  return body === undefined ? {} : {'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body))}
}

/** Pages come one after the other: each on a connection of its own would cost a TLS handshake each. The client does not ask for that. */
function keepOpen(agent: Agent): void {
  Object.assign(agent, {keepAlive: true})
}

function ask(send: (found: (response: IncomingMessage) => void) => ReturnType<typeof import('node:http').request>, limits: ConnectionLimits, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const slow = new TooSlow(`no answer within ${limits.timeoutMs / 1000} s`)
    let late = false
    const request = send((response) => {
      const retryAfter = response.headers['retry-after']
      const answer = readBody(response, limits.maxBytes).then((text) => ({status: response.statusCode ?? 0, body: text, ...(retryAfter !== undefined && {retryAfter})}))
      // A body that is cut off by the time limit fails as one that the server cut off.
      resolve(answer.catch((error: unknown) => {
        request.destroy()
        throw late ? slow : error
      }).finally(() => clearTimeout(timer)))
    })
    const timer = setTimeout(() => {
      late = true
      request.destroy(slow)
    }, limits.timeoutMs)
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.end(body)
  })
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of await unpacked(response)) {
    bytes += (chunk as Buffer).length
    if (bytes > maxBytes) throw new TooLarge(`an answer of more than ${Math.round(maxBytes / 2 ** 20)} MiB`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function unpacked(response: IncomingMessage): Promise<AsyncIterable<unknown>> {
  if (response.headers['content-encoding'] !== 'gzip') return response
  const [{createGunzip}, {pipeline}] = await Promise.all([import('node:zlib'), import('node:stream')])
  // What goes wrong is thrown to whoever reads the result.
  return pipeline(response, createGunzip(), () => undefined)
}

/** What a plugin writes when it fails can be a page long. */
function words(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim()
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
