// SPDX-License-Identifier: Apache-2.0
import {join} from 'node:path'
import type {ServerUnaryCall, ServerWritableStream} from '@grpc/grpc-js'
import {Server, ServerCredentials} from '@grpc/grpc-js'
import type {CriConnection} from '../../../../src/cri/connection.ts'
import {openConnection} from '../../../../src/cri/connection.ts'
import type {Message} from '../../../../src/cri/rpc.ts'
import {ImageServiceDefinition, RuntimeServiceDefinition} from '../../../../src/cri/gen/runtime/v1/services.ts'
import {temporaryFolder} from '../../cri/fake-cri.ts'

/** Answers a call: with a message, or by throwing `{code, details}`. A stream sends as many messages as it wants and ends when it returns. */
export type Handler = (request: never, send: (message: object) => void) => object | Promise<object | void> | void

export interface LiveCri {
  readonly socket: string
  readonly connection: CriConnection
  /** the runtime is gone, the connection still held */
  readonly kill: () => void
  readonly stop: () => void
}

/** A CRI v1 runtime with these methods on a unix socket, and a connection to it. */
export async function liveCri(methods: Readonly<Record<string, Handler>>): Promise<LiveCri> {
  const folder = temporaryFolder()
  const socket = join(folder.path, 'cri.sock')
  const server = new Server()
  for (const definition of [RuntimeServiceDefinition, ImageServiceDefinition]) {
    const served = Object.values(definition.methods).filter(({name}) => Object.hasOwn(methods, name))
    if (served.length === 0) continue
    server.addService(
      Object.fromEntries(served.map(({name, requestType, responseType, responseStream}) => [name, {
        path: `/${definition.fullName}/${name}`,
        requestStream: false,
        responseStream,
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
        responseSerialize: (message: object) => encoded(responseType as Message<unknown>, message),
        responseDeserialize: () => ({}),
      }])),
      Object.fromEntries(served.map(({name, responseStream}) => [name, responseStream ? streamed(methods[name] as Handler) : unary(methods[name] as Handler)])),
    )
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  const connection = openConnection({kind: 'unix', path: socket}, {timeoutMs: 5000, maxRetries: 0})
  const kill = () => server.forceShutdown()
  return {socket, connection, kill, stop: () => { connection.close(); kill(); folder.remove() }}
}

function encoded(type: Message<unknown>, message: object): Buffer {
  return Buffer.from(type.encode(type.fromPartial(message)).finish())
}

function unary(handler: Handler) {
  return async (call: ServerUnaryCall<unknown, object>, reply: (error: object | null, message?: object) => void) => {
    try {
      reply(null, (await handler(call.request as never, () => undefined)) ?? {})
    } catch (error) {
      reply(error as object)
    }
  }
}

function streamed(handler: Handler) {
  return async (call: ServerWritableStream<unknown, object>) => {
    try {
      await handler(call.request as never, (message) => call.write(message))
      call.end()
    } catch (error) {
      call.emit('error', error)
    }
  }
}
