// SPDX-License-Identifier: Apache-2.0
// An API server as far as rtctl sees one: lists in pages, made on the fly; ConfigMaps that can be written; it can throttle, forbid, expire, and die.
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {createServer as createSecureServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {gzipSync} from 'node:zlib'
import {CERT, KEY} from '../unit/streaming/tls-fixture.ts'

export interface FakeList {
  /** `/apis/apps/v1/daemonsets`; that of all namespaces */
  readonly path: string
  readonly count: number
  /** what has no namespace is in none; JSON of one object, in the order of namespaces and names */
  make(index: number): string
  readonly namespaceOf?: (index: number) => string
}

/** What the server does instead of an answer. */
export type Fault =
  | {readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>}
  | 'reset' | 'hang' | 'stall' | 'die'

export interface FakeApiServerOptions {
  readonly lists: readonly FakeList[]
  readonly version?: string
  readonly namespaces?: readonly string[]
  readonly tls?: boolean
  /** the token it wants */
  readonly token?: string
  /** called with every request; `nth` counts those of the same method, path and query, from 1 */
  fault?(url: URL, nth: number, method: string): Fault | undefined
}

export interface FakeApiServer {
  readonly url: string
  /** paths with queries, in order */
  readonly requests: readonly string[]
  /** `PUT /api/v1/namespaces/rtctl/configmaps/web`, in order */
  readonly writes: readonly string[]
  /** what was written, by path of the object; a test may change it as another client would */
  readonly written: Map<string, FakeObject>
  readonly headers: readonly IncomingMessage['headers'][]
  readonly connections: () => number
  kubeconfig(): string
  close(): Promise<void>
}

/** Starts one at 127.0.0.1. */
export async function startApiServer(options: FakeApiServerOptions): Promise<FakeApiServer> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const writes: string[] = []
  const written = new Map<string, FakeObject>()
  const seen = new Map<string, number>()
  let connections = 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://server')
    const method = request.method ?? 'GET'
    const question = `${method} ${request.url}`
    const nth = (seen.get(question) ?? 0) + 1
    seen.set(question, nth)
    requests.push(request.url ?? '')
    if (method !== 'GET') writes.push(question)
    headers.push(request.headers)
    const sent = method === 'GET' ? '' : await text(request).catch(() => '')
    const fault = options.fault?.(url, nth, method)
    if (fault === 'hang') return
    if (fault === 'stall') {
      response.writeHead(200, {'content-type': 'application/json'}).write('{"items": [')
      return
    }
    if (fault === 'reset' || fault === 'die') {
      if (fault === 'die') server.close()
      request.socket.destroy()
      return
    }
    const wrong = options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`
    const {status, body = '', headers: more} = fault ?? (wrong ? refusal(401, 'Unauthorized') : method === 'GET' ? found(url, withWritten(options, written)) : write(method, url.pathname, sent, written))
    const zip = request.headers['accept-encoding'] === 'gzip' && body.length > 128 * 1024
    response.writeHead(status, {'content-type': 'application/json', ...(zip && {'content-encoding': 'gzip'}), ...more})
    response.end(zip ? gzipSync(body, {level: 1}) : body)
  }
  const server = options.tls === true ? createSecureServer({cert: CERT, key: KEY}, (request, response) => void answer(request, response)) : createServer((request, response) => void answer(request, response))
  server.on(options.tls === true ? 'secureConnection' : 'connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url, requests, writes, written, headers, connections: () => connections,
    kubeconfig: () => kubeconfigOf(url, options),
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

function kubeconfigOf(server: string, {tls, token}: FakeApiServerOptions): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'fake',
    contexts: [{name: 'fake', context: {cluster: 'fake', user: 'reader'}}],
    clusters: [{name: 'fake', cluster: {server, ...(tls === true && {'certificate-authority-data': Buffer.from(CERT).toString('base64')})}}],
    users: [{name: 'reader', user: token === undefined ? {} : {token}}],
  })
}

/** As a server takes it: an object without resourceVersion replaces what is there, and nothing is larger than etcd can hold. */
function write(method: string, path: string, sent: string, written: Map<string, FakeObject>): Found {
  if (sent.length > 3 * 2 ** 20) return refusal(413, 'Request entity too large: limit is 3145728')
  const object = JSON.parse(sent) as FakeObject
  const at = method === 'POST' ? `${path}/${object.metadata.name}` : path
  if (method === 'POST' && written.has(at)) return refusal(409, `configmaps "${object.metadata.name}" already exists`)
  if (method === 'PUT' && !written.has(at)) return refusal(404, `configmaps "${object.metadata.name}" not found`)
  written.set(at, object)
  return {status: method === 'POST' ? 201 : 200, body: sent}
}

/** The lists, with what was written in that of all ConfigMaps. */
function withWritten(options: FakeApiServerOptions, written: ReadonlyMap<string, FakeObject>): FakeApiServerOptions {
  if (written.size === 0) return options
  const others = options.lists.filter(({path}) => path !== '/api/v1/configmaps')
  return {...options, lists: [...others, listOf('/api/v1/configmaps', [...written.values()])]}
}

interface Found {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function refusal(code: number, message: string, metadata: object = {}): Found {
  return {status: code, body: JSON.stringify({kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, code})}
}

function found(url: URL, {lists, version = 'v1.23.17', namespaces = []}: FakeApiServerOptions): Found {
  if (url.pathname === '/version') return {status: 200, body: JSON.stringify({major: '1', minor: '23', gitVersion: version})}
  const [, root = '', namespace, resource = ''] = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(url.pathname) ?? []
  const group = lists.filter(({path}) => path.startsWith(`${url.pathname}/`))
  if (/^\/apis\/[^/]+\/[^/]+$/.test(url.pathname) && group.length > 0) {
    return {status: 200, body: JSON.stringify({kind: 'APIResourceList', resources: group.map(({path}) => ({name: path.split('/').at(-1)}))})}
  }
  const asked = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(url.pathname)?.[1]
  if (asked !== undefined) return namespaces.includes(asked) ? {status: 200, body: JSON.stringify({kind: 'Namespace', metadata: {name: asked}})} : refusal(404, `namespaces "${asked}" not found`)
  const list = lists.find(({path}) => path === `${root}/${resource}`)
  return list === undefined ? refusal(404, 'the server could not find the requested resource') : {status: 200, body: pageOf(list, root, namespace, url.searchParams)}
}

function pageOf({count, make, namespaceOf}: FakeList, root: string, namespace: string | undefined, query: URLSearchParams): string {
  const limit = Number(query.get('limit') ?? count) || count
  const begin = Number(query.get('continue') ?? 0)
  const items: string[] = []
  let index = begin
  const labels = (query.get('labelSelector') ?? '').split(',').filter((each) => each !== '').map((each) => `"${each.replace('=', '":"')}"`)
  for (; index < count && items.length < limit; index++) {
    if (namespace !== undefined && namespaceOf?.(index) !== namespace) continue
    const item = make(index)
    if (labels.every((label) => item.includes(label))) items.push(item)
  }
  const metadata = {resourceVersion: '1', ...(index < count && {continue: String(index), remainingItemCount: count - index})}
  const apiVersion = root === '/api/v1' ? 'v1' : root.slice('/apis/'.length)
  return `{"kind":"List","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`
}

/** A list of these objects, in the order that a server gives them. */
export function listOf(path: string, objects: readonly FakeObject[]): FakeList {
  const key = ({metadata}: FakeObject) => `${metadata.namespace ?? ''}/${metadata.name}`
  const sorted = [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  return {path, count: sorted.length, make: (index) => JSON.stringify(sorted[index]), namespaceOf: (index) => sorted[index]?.metadata.namespace ?? ''}
}

export interface FakeObject {
  readonly metadata: {readonly name: string; readonly namespace?: string; readonly [member: string]: unknown}
  readonly [member: string]: unknown
}

/** What every server has, empty. */
export const EMPTY_LISTS: readonly FakeList[] = [
  '/api/v1/nodes', '/api/v1/persistentvolumes', '/api/v1/configmaps', '/api/v1/podtemplates', '/api/v1/replicationcontrollers', '/api/v1/pods',
  '/apis/apps/v1/daemonsets', '/apis/apps/v1/deployments', '/apis/apps/v1/replicasets', '/apis/apps/v1/statefulsets', '/apis/batch/v1/jobs',
  '/apis/batch/v1/cronjobs', '/apis/node.k8s.io/v1/runtimeclasses', '/apis/policy/v1beta1/podsecuritypolicies',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
].map((path) => listOf(path, []))

/** These lists, and all others empty. */
export function withEmpty(lists: readonly FakeList[]): readonly FakeList[] {
  return [...lists, ...EMPTY_LISTS.filter(({path}) => lists.every((list) => list.path !== path))]
}
