// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {CriClient} from '../../../src/cri/client.ts'
import {openCri} from '../../../src/cri/client.ts'
import {CriError} from '../../../src/cri/errors.ts'
import {ListContainersResponse} from '../../../src/cri/gen/runtime/v1/list.ts'
import type {Answer} from './fake-cri.ts'
import {container, pod, serveCri, serveRaw, temporaryFolder} from './fake-cri.ts'

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

async function serve(api: readonly string[], answers: Readonly<Record<string, Answer>>, path = socket): Promise<void> {
  ends.push((await serveCri(path, api, answers)).stop)
}

function open(path = socket, timeoutMs = 5000): CriClient {
  const cri = openCri(path, {timeoutMs})
  ends.push(() => cri.close())
  return cri
}

async function problem(call: Promise<unknown>): Promise<CriError> {
  const error = await call.then(() => undefined, (reason: unknown) => reason)
  expect(error).toBeInstanceOf(CriError)
  return error as CriError
}

describe('a runtime that answers', () => {
  test('which versions it serves is known without a call of them', async () => {
    await serve(['v1'], {Version: 'hang'})
    const cri = open()
    expect([await cri.serves('v1'), await cri.serves('v1alpha2')]).toEqual([true, false])
  })

  test('a server that has no call of this name, and says so in other words than Go\'s, serves nothing that is known', async () => {
    await serve(['v1'], {IsServed: {code: 12, details: 'not implemented'}, Version: VERSION})
    expect(await open().serves('v1')).toBe(false)
  })

  test('version, status, pods and containers are told as they were sent', async () => {
    const status = {
      status: {conditions: [{type: 'RuntimeReady', status: true, reason: '', message: ''}]},
      info: new Map([['config', '{}']]),
      runtimeHandlers: [{name: 'runc', features: undefined}],
      features: undefined,
    }
    await serve(['v1'], {Version: VERSION, Status: status, ListPodSandbox: {items: [pod(1)]}, ListContainers: {containers: [container(1), container(2)]}})
    const cri = open()
    expect(await cri.version('v1')).toEqual(VERSION)
    expect(await cri.status('v1', {verbose: true})).toEqual(status)
    expect(await cri.listPodSandbox('v1')).toEqual([pod(1)])
    expect(await cri.listContainers('v1')).toEqual([container(1), container(2)])
  })

  test('v1alpha2 is the same messages under its own name', async () => {
    await serve(['v1alpha2'], {Version: VERSION, ListContainers: {containers: [container(1)]}})
    const cri = open()
    expect(await cri.listContainers('v1alpha2')).toEqual([container(1)])
    expect((await problem(cri.version('v1'))).kind).toBe('unknown-service')
  })

  test('10,000 containers arrive', async () => {
    await serve(['v1'], {ListContainers: {containers: Array.from({length: 10_000}, (_, index) => container(index))}})
    const containers = await open().listContainers('v1')
    expect(containers).toHaveLength(10_000)
    expect(containers[9_999]).toEqual(container(9_999))
  })

  test('a path of any length is reached', async () => {
    const deep = join(folder.path, 'd'.repeat(200))
    mkdirSync(deep)
    const before = process.cwd()
    process.chdir(deep)
    try {
      await serve(['v1'], {Version: VERSION}, './cri.sock')
    } finally {
      process.chdir(before)
    }
    expect(await open(join(deep, 'cri.sock')).version('v1')).toEqual(VERSION)
  })

  test('proxies of the environment are left alone', async () => {
    process.env['grpc_proxy'] = 'http://192.0.2.1:3128'
    ends.push(() => delete process.env['grpc_proxy'])
    await serve(['v1'], {Version: VERSION})
    expect(await open().version('v1')).toEqual(VERSION)
  })
})

describe('what can go wrong has a kind of its own', () => {
  test('there is nothing at the path', async () => {
    expect(await problem(open().version('v1'))).toMatchObject({kind: 'no-socket', code: 14})
  })

  test('a directory of a long path is missing', () => {
    expect(() => openCri(join(folder.path, 'x'.repeat(200), 'cri.sock'), {timeoutMs: 100})).toThrow(expect.objectContaining({kind: 'no-socket'}))
  })

  test('the path has a line break', () => {
    expect(() => open('/run/a\n.sock')).toThrow(expect.objectContaining({name: 'CriError', kind: 'other'}))
  })

  test('a directory stands there', async () => {
    mkdirSync(socket)
    expect((await problem(open().version('v1'))).kind).toBe('is-directory')
  })

  test('nobody listens', async () => {
    writeFileSync(socket, '')
    expect((await problem(open().version('v1'))).kind).toBe('nobody-listens')
  })

  test('an HTTP server is no gRPC server', async () => {
    const server = createServer((_request, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    ends.push(() => server.close())
    expect((await problem(open().version('v1'))).kind).toBe('not-grpc')
  })

  test('garbage is no gRPC server', async () => {
    ends.push((await serveRaw(socket, (connection) => connection.end('\x16\x03\x01 garbage\n'.repeat(20)))).stop)
    expect((await problem(open().version('v1'))).kind).toBe('not-grpc')
  })

  test('the service is not there, in the words of a Go server', async () => {
    await serve(['v1'], {Version: {code: 12, details: 'unknown service runtime.v1.RuntimeService'}})
    expect(await problem(open().version('v1'))).toMatchObject({kind: 'unknown-service', code: 12})
  })

  test('whether a version is served is not told by one that does not answer', async () => {
    await serve(['v1'], {IsServed: 'hang', Version: VERSION})
    expect((await problem(open(socket, 200).serves('v1'))).kind).toBe('deadline')
  })

  test('the call is not there', async () => {
    await serve(['v1'], {Version: VERSION})
    expect((await problem(open().runtimeConfig('v1'))).kind).toBe('unimplemented')
  })

  test('a call that is not answered ends in time', async () => {
    await serve(['v1'], {Version: 'hang'})
    expect(await problem(open(socket, 200).version('v1'))).toMatchObject({kind: 'deadline', code: 4})
  })

  test('a socket that accepts and stays silent ends in time', async () => {
    ends.push((await serveRaw(socket, () => undefined)).stop)
    expect((await problem(open(socket, 200).version('v1'))).kind).toBe('deadline')
  })

  test('an answer that is no message is malformed', async () => {
    const whole = ListContainersResponse.encode({containers: [container(1)]}).finish()
    await serve(['v1'], {ListContainers: whole.slice(0, -1)})
    expect((await problem(open().listContainers('v1'))).kind).toBe('malformed')
  })

  test('an error of the runtime keeps its words', async () => {
    await serve(['v1'], {Status: {code: 14, details: 'server is not initialized yet'}})
    expect(await problem(open().status('v1', {verbose: false}))).toMatchObject({kind: 'other', code: 14, message: 'server is not initialized yet'})
  })
})
