// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import type {Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ServiceDefinition} from '@grpc/grpc-js'
import {Server, ServerCredentials} from '@grpc/grpc-js'
import type {Container, MessageFns, PodSandbox} from '../../../src/cri/gen/runtime/v1/list.ts'
import {RuntimeServiceDefinition} from '../../../src/cri/gen/runtime/v1/services.ts'

/** A new temporary folder, and how to get rid of it. */
export function temporaryFolder(): {readonly path: string; readonly remove: () => void} {
  const path = mkdtempSync(join(tmpdir(), 'rtctl-test-'))
  return {path, remove: () => rmSync(path, {recursive: true, force: true})}
}

/** What a call answers: a message, a gRPC error, or nothing at all. */
export type Answer = object | {readonly code: number; readonly details: string} | 'hang'

/** A CRI runtime on a unix socket: method name → what it answers. Methods that are not listed are not served. */
export async function serveCri(socket: string, api: readonly string[], answers: Readonly<Record<string, Answer>>): Promise<{readonly stop: () => void}> {
  const server = new Server({'grpc.max_send_message_length': -1})
  for (const version of api) server.addService(definition(version, Object.keys(answers)), handlers(answers))
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  return {stop: () => server.forceShutdown()}
}

function definition(version: string, served: readonly string[]): ServiceDefinition {
  const methods = Object.values(RuntimeServiceDefinition.methods).filter(({name}) => served.includes(name))
  return Object.fromEntries(
    methods.map(({name, requestType, responseType}) => [
      name,
      {
        path: `/runtime.${version}.RuntimeService/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
        responseSerialize: (message: unknown) =>
          message instanceof Uint8Array ? Buffer.from(message) : Buffer.from((responseType as MessageFns<unknown>).encode(message).finish()),
        responseDeserialize: () => ({}),
      },
    ]),
  )
}

function handlers(answers: Readonly<Record<string, Answer>>) {
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (_call: unknown, reply: (error: object | null, message?: unknown) => void) => {
        if (answer === 'hang') return
        if ('code' in answer) reply(answer)
        else reply(null, answer)
      },
    ]),
  )
}

/** Something else on a unix socket: `answer` gets every connection. */
export async function serveRaw(socket: string, answer: (connection: Socket) => void): Promise<{readonly stop: () => void}> {
  const open = new Set<Socket>()
  const server = createServer((connection) => {
    open.add(connection)
    connection.on('error', () => undefined)
    answer(connection)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    stop() {
      for (const connection of open) connection.destroy()
      server.close()
    },
  }
}

export function container(index: number, change: Partial<Container> = {}): Container {
  return {
    id: String(index).padStart(64, '0'),
    podSandboxId: 'f'.repeat(64),
    metadata: {name: `app-${index}`, attempt: 0},
    image: {image: `sha256:${'a'.repeat(64)}`, annotations: new Map(), userSpecifiedImage: '', runtimeHandler: '', imageRef: ''},
    imageRef: `sha256:${'b'.repeat(64)}`,
    state: 1,
    createdAt: 1_700_000_000_000_000_001n,
    labels: new Map([['io.kubernetes.container.name', `app-${index}`]]),
    annotations: new Map([['io.kubernetes.container.terminationMessagePath', '/dev/termination-log']]),
    imageId: `sha256:${'a'.repeat(64)}`,
    ...change,
  }
}

export function pod(index: number, change: Partial<PodSandbox> = {}): PodSandbox {
  return {
    id: String(index).padStart(64, 'e'),
    metadata: {name: `pod-${index}`, uid: `uid-${index}`, namespace: 'default', attempt: 0},
    state: 0,
    createdAt: 1_700_000_000_000_000_001n,
    labels: new Map(),
    annotations: new Map(),
    runtimeHandler: '',
    ...change,
  }
}
