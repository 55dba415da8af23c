// SPDX-License-Identifier: Apache-2.0
import {chmodSync} from 'node:fs'
import {createServer, type ServerHttp2Stream} from 'node:http2'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {openConnection} from '../../../src/cri/connection.ts'
import {CriError} from '../../../src/cri/errors.ts'
import {streamContainers} from '../../../src/cri/rpcs/list.ts'
import {runtimeConfig, version} from '../../../src/cri/rpcs/runtime.ts'
import {listImages} from '../../../src/app/cri/list-images.ts'
import {listContainers} from '../../../src/app/cri/lists.ts'
import {container, serveCri, serveRaw, temporaryFolder} from './fake-cri.ts'

const VERSION = {version: '0.1.0', runtimeName: 'containerd', runtimeVersion: '1.7.24', runtimeApiVersion: 'v1'}

let folder: ReturnType<typeof temporaryFolder>
let socket: string
let ends: (() => void)[]
beforeEach(() => {
  folder = temporaryFolder()
  socket = join(folder.path, 'cri.sock')
  ends = [folder.remove]
})
afterEach(() => {
  for (const end of ends.reverse()) end()
})

function connect(options: Partial<Parameters<typeof openConnection>[1]> = {}) {
  const connection = openConnection({kind: 'unix', path: socket}, {timeoutMs: 2000, maxRetries: 0, ...options})
  ends.push(() => connection.close())
  return connection
}

async function problem(call: Promise<unknown>): Promise<CriError> {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof CriError)) throw new Error(`no CriError but ${String(error)}`)
  return error
}

test.each([[['v1', 'v1alpha2'], 'v1'], [['v1alpha2'], 'v1alpha2']] as const)('of %s the best version is used', async (served, used) => {
  ends.push((await serveCri(socket, served, {Version: VERSION})).stop)
  const connection = connect()
  expect((await connection.call(version, {})).runtimeName).toBe('containerd')
  expect(connection.api).toBe(used)
})

test('a call that is not there is an answer in this version, and the error knows what was asked', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: VERSION})).stop)
  const connection = connect()
  const error = await problem(connection.call(runtimeConfig, {}))
  expect([error.kind, error.call]).toEqual(['unimplemented', {service: 'RuntimeService', method: 'RuntimeConfig', request: {}}])
  expect(connection.api).toBe('v1')
})

test('where neither version is there, the better one is what is told of', async () => {
  ends.push((await serveCri(socket, [], {})).stop)
  expect(await problem(connect().call(version, {}))).toMatchObject({kind: 'unknown-service', message: expect.stringContaining('runtime.v1.')})
})

test('while nobody listens it is tried again, and the daemon that comes up meanwhile is reached', async () => {
  const tries: string[] = []
  const answer = connect({maxRetries: 3, onRetry: ({kind}) => tries.push(kind)}).call(version, {})
  await new Promise((resolve) => setTimeout(resolve, 200))
  ends.push((await serveCri(socket, ['v1'], {Version: VERSION})).stop)
  expect((await answer).runtimeName).toBe('containerd')
  expect(tries).toContain('no-socket')
})

test('a signal ends the wait between two tries', async () => {
  const controller = new AbortController()
  const begin = Date.now()
  const answer = problem(connect({maxRetries: -1}).call(version, {}, {signal: controller.signal}))
  setTimeout(() => controller.abort(), 100)
  await answer
  expect(Date.now() - begin).toBeLessThan(2000)
})

test('a signal ends a call', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: 'hang'})).stop)
  const controller = new AbortController()
  const answer = problem(connect().call(version, {}, {signal: controller.signal}))
  setTimeout(() => controller.abort(), 100)
  expect((await answer).kind).toBe('cancelled')
})

test('a list comes by the older call where the streamed one is not there', async () => {
  ends.push((await serveCri(socket, ['v1'], {ListContainers: {containers: [container(1)]}})).stop)
  expect(await listContainers(connect())).toEqual([container(1)])
})

test('a server that resets in the middle, or answers garbage, is told of and not waited for', async () => {
  ends.push((await serveRaw(socket, (connection) => connection.once('data', () => connection.destroy()))).stop)
  expect(['not-grpc', 'other', 'nobody-listens']).toContain((await problem(connect().call(version, {}))).kind)
})

test('an answer that is no such message is malformed', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: new Uint8Array([0x0a, 0xff])})).stop)
  expect((await problem(connect().call(version, {}))).kind).toBe('malformed')
})

test('success without an answer is malformed, and not taken for a call that is not there', async () => {
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream) => stream.respond({':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0'}, {endStream: true}))
  await new Promise<void>((resolve) => void server.listen(socket, resolve))
  ends.push(() => server.close())
  expect(await problem(connect().call(version, {}))).toMatchObject({kind: 'malformed', message: 'the answer is not the expected message: it is missing'})
})

test('a stream that a server does not have says so at its first message', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: VERSION})).stop)
  expect((await problem(connect().stream(streamContainers, {filter: undefined}).next())).kind).toBe('unimplemented')
})

test('a containerd that is still starting is asked again, as crictl does', async () => {
  // containerd internal/cri/instrument/instrumented_service.go, checkInitialized
  ends.push((await serveCri(socket, ['v1'], {Version: {code: 14, details: 'server is not initialized yet'}})).stop)
  const waits: number[] = []
  const error = await problem(connect({maxRetries: 2, onRetry: (_error, _attempt, delayMs) => waits.push(delayMs)}).call(version, {}))
  expect([error.message, waits]).toEqual(['server is not initialized yet', [500, 1000]])
})

test('what is no gRPC server is not asked again', async () => {
  ends.push((await serveRaw(socket, (connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).stop)
  const tries: string[] = []
  expect((await problem(connect({maxRetries: 3, onRetry: ({kind}) => tries.push(kind)}).call(version, {}))).kind).toBe('not-grpc')
  expect(tries).toEqual([])
})

test('a call that waits for its answer when the runtime ends, fails', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: 'reset'})).stop)
  const error = await problem(connect({maxRetries: 3}).call(version, {}))
  expect(['other', 'cancelled']).toContain(error.kind)
  expect(error.call).toMatchObject({service: 'RuntimeService', method: 'Version'})
})

test.each([
  ['a refusal', {code: 13, details: 'boltdb: page 17 is broken'}, 'boltdb'],
  ['the end of the connection', 'reset', ''],
  ['bytes that are no message', new Uint8Array([0x0a, 0xff]), 'expected message'],
] as const)('a list that begins and then ends with %s is no list', async (_what, end, words) => {
  const part = {containers: [container(1)]}
  ends.push((await serveCri(socket, ['v1'], {StreamContainers: [part, end], ListContainers: {containers: []}})).stop)
  const error = await problem(listContainers(connect()))
  expect(error.call?.method).toBe('StreamContainers')
  expect(error.message).toContain(words)
})

test('a list that begins and then hangs ends in time', async () => {
  ends.push((await serveCri(socket, ['v1'], {StreamContainers: [{containers: [container(1)]}, 'hang']})).stop)
  expect((await problem(listContainers(connect({timeoutMs: 300})))).kind).toBe('deadline')
})

test('10,000 containers arrive in one message, and in parts', async () => {
  const containers = Array.from({length: 10_000}, (_, index) => container(index))
  const parts = Array.from({length: 100}, (_, index) => ({containers: containers.slice(index * 100, index * 100 + 100)}))
  ends.push((await serveCri(socket, ['v1'], {StreamContainers: parts})).stop)
  expect(await listContainers(connect())).toEqual(containers)
})

test('images come from the image service, in v1alpha2 too', async () => {
  const image = {id: 'sha256:a', repoTags: ['app:1'], repoDigests: [], size: 5n, username: '', uid: undefined, spec: undefined, pinned: false}
  ends.push((await serveCri(socket, ['v1alpha2'], {ListImages: {images: [image]}})).stop)
  const connection = connect()
  expect(await listImages(connection)).toEqual([image])
  expect(connection.api).toBe('v1alpha2')
})

test('an answer of more than 80 MiB is refused, and not kept', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: new Uint8Array(81 * 1024 * 1024)})).stop)
  expect(await problem(connect({timeoutMs: 10_000}).call(version, {}))).toMatchObject({code: 8, message: expect.stringMatching(/larger than max/)})
})

test('a socket of somebody else may not be connected to, and is not tried again', async () => {
  ends.push((await serveCri(socket, ['v1'], {Version: VERSION})).stop)
  chmodSync(socket, 0)
  // Root may connect to any socket.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    const tries: string[] = []
    expect((await problem(connect({maxRetries: 3, onRetry: ({kind}) => tries.push(kind)}).call(version, {}))).kind).toBe('permission')
    expect(tries).toEqual([])
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})
