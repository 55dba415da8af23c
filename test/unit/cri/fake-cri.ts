// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import type {Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ServiceDefinition, UntypedHandleCall} from '@grpc/grpc-js'
import {Server, ServerCredentials} from '@grpc/grpc-js'
import type {Container, MessageFns, PodSandbox} from '../../../src/cri/gen/runtime/v1/list.ts'
import {ImageServiceDefinition, RuntimeServiceDefinition} from '../../../src/cri/gen/runtime/v1/services.ts'

/** A new temporary folder, and how to get rid of it. */
export function temporaryFolder(): {readonly path: string; readonly remove: () => void} {
  const path = mkdtempSync(join(tmpdir(), 'rtctl-test-'))
  return {path, remove: () => rmSync(path, {recursive: true, force: true})}
}

/**
 * What a call answers: a message or its bytes, a gRPC error, nothing at all, or the end of the connection. A streamed call
 * answers with a list of these, or one.
 */
export type Answer = object | {readonly code: number; readonly details: string} | 'hang' | 'reset'

/**
 * A CRI runtime on a unix socket: method name → what it answers. Versions and methods that are not listed are refused in
 * the words of Go's server (grpc-go server.go).
 */
export async function serveCri(socket: string, api: readonly string[], answers: Readonly<Record<string, Answer>>): Promise<{readonly stop: () => void}> {
  const server = new Server({'grpc.max_send_message_length': -1})
  for (const version of ['v1', 'v1alpha2']) {
    for (const service of [RuntimeServiceDefinition, ImageServiceDefinition]) {
      const name = `runtime.${version}.${service.name}`
      const isServed = api.includes(version) && Object.values(service.methods).some((method) => Object.hasOwn(answers, method.name))
      server.addService(definition(name, service), handlers(name, service, isServed ? answers : undefined, () => server.forceShutdown()))
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  return {stop: () => server.forceShutdown()}
}

type Service = typeof RuntimeServiceDefinition | typeof ImageServiceDefinition

/** Those of the service, and one that it does not have. */
function methodsOf({methods}: Service) {
  const {version} = RuntimeServiceDefinition.methods
  return [...Object.values(methods), {...version, name: 'IsServed'}]
}

function definition(name: string, service: Service): ServiceDefinition {
  return Object.fromEntries(methodsOf(service).map(({name: method, requestType, responseType, responseStream}) => [
    method,
    {
      path: `/${name}/${method}`,
      requestStream: false,
      responseStream,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
      responseSerialize: (message: unknown) =>
        message instanceof Uint8Array ? Buffer.from(message) : Buffer.from((responseType as MessageFns<unknown>).encode(message).finish()),
      responseDeserialize: () => ({}),
    },
  ]))
}

interface StreamCall {
  emit(event: 'error', error: object): boolean
  write(message: unknown): void
  end(): void
}

function handlers(
  name: string, service: Service, answers: Readonly<Record<string, Answer>> | undefined, reset: () => void,
): Record<string, UntypedHandleCall> {
  return Object.fromEntries(methodsOf(service).map(({name: method, responseStream}) => {
    const refusal = {code: 12, details: answers === undefined ? `unknown service ${name}` : `unknown method ${method} for service ${name}`}
    const answer: Answer = (answers !== undefined && Object.hasOwn(answers, method) ? answers[method] : undefined) ?? refusal
    const unary = (_call: unknown, reply: (error: object | null, message?: unknown) => void) => {
      if (answer === 'hang') return
      if (answer === 'reset') reset()
      else if ('code' in answer) reply(answer)
      else reply(null, answer)
    }
    const stream = (call: StreamCall) => {
      for (const part of Array.isArray(answer) ? answer as readonly Answer[] : [answer]) {
        if (part === 'hang') return
        // What was written before has to be on its way.
        if (part === 'reset') return void setTimeout(reset, 50)
        if ('code' in part) return void call.emit('error', part)
        call.write(part)
      }
      call.end()
    }
    return [method, (responseStream ? stream : unary) as UntypedHandleCall]
  }))
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
