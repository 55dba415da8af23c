// SPDX-License-Identifier: Apache-2.0
import type {ServiceDefinition, ServiceError, UntypedHandleCall} from '@grpc/grpc-js'
import {Client, credentials, Metadata, Server, ServerCredentials} from '@grpc/grpc-js'
import type {Message} from '../../src/cri/rpc.ts'
import {ImageServiceDefinition, RuntimeServiceDefinition} from '../../src/cri/gen/runtime/v1/services.ts'

/** One call of a CRI runtime and what it was answered, as it was on the wire. */
export interface Exchange {
  /** `/runtime.v1.RuntimeService/Version` */
  readonly path: string
  /** base64 */
  readonly request: string
  /** messages in base64: one, or those of a stream */
  readonly answers: readonly string[]
  readonly error?: {readonly code: number; readonly details: string}
}

export interface Tape {
  readonly exchanges: Exchange[]
  /** when the last answer was passed on, in milliseconds of Unix time */
  readonly lastAt: number
  readonly stop: () => void
}

/** A CRI endpoint that passes every call on to another one, and notes both sides. */
export async function recordCri(upstream: string, socket: string): Promise<Tape> {
  const exchanges: Exchange[] = []
  let lastAt = Date.now()
  const client = new Client(`unix:${upstream}`, credentials.createInsecure(), {'grpc.default_authority': 'localhost'})
  const server = await serve(socket, async (path, request, isStream) => {
    const exchange = await passOn(client, path, request, isStream)
    exchanges.push(exchange)
    lastAt = Date.now()
    return exchange
  })
  return {exchanges, get lastAt() { return lastAt }, stop: () => { server.forceShutdown(); client.close() }}
}

/**
 * A CRI endpoint that answers as it was recorded: by method and request, repeated calls in their order. Gives
 * `UNIMPLEMENTED` where nothing was recorded, as every runtime does for a call that it does not have.
 */
export async function replayCri(socket: string, exchanges: readonly Exchange[]): Promise<{readonly stop: () => void}> {
  const left = [...exchanges]
  const server = await serve(socket, async (path, request) => {
    const wanted = canonical(path, request)
    const index = left.findIndex((exchange) => canonical(exchange.path, Buffer.from(exchange.request, 'base64')) === wanted)
    const next = left.slice(index + 1).some((exchange) => canonical(exchange.path, Buffer.from(exchange.request, 'base64')) === wanted)
    const found = left[index]
    // The last of several stays: a client may ask once more than the one that was recorded.
    if (found !== undefined && next) left.splice(index, 1)
    return found ?? {path, request: '', answers: [], error: {code: 12, details: `nothing was recorded for ${wanted}`}}
  })
  return {stop: () => server.forceShutdown()}
}

type Handler = (path: string, request: Buffer, isStream: boolean) => Promise<Exchange>

async function serve(socket: string, handle: Handler): Promise<Server> {
  const server = new Server({'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1})
  for (const definition of [RuntimeServiceDefinition, ImageServiceDefinition]) {
    const [methods, handlers] = service(definition, handle)
    server.addService(methods, handlers)
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  return server
}

type Definition = typeof RuntimeServiceDefinition | typeof ImageServiceDefinition

interface IncomingCall {
  readonly request: Buffer
  write(message: Buffer): void
  end(): void
  emit(event: 'error', error: object): boolean
}

function service(definition: Definition, handle: Handler) {
  const same = (bytes: Buffer) => bytes
  const methods: Record<string, ServiceDefinition[string]> = {}
  const handlers: Record<string, UntypedHandleCall> = {}
  for (const {name, responseStream} of Object.values(definition.methods)) {
    const path = `/${definition.fullName}/${name}`
    methods[name] = {
      path, requestStream: false, responseStream,
      requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same,
    }
    const stream = (call: IncomingCall) => void handle(path, call.request, true).then((exchange) => answerStream(call, exchange))
    const unary = (call: IncomingCall, reply: (error: object | null, message?: Buffer) => void) => void handle(path, call.request, false)
      .then(({answers, error}) => (error ? reply(error) : reply(null, Buffer.from(answers[0] ?? '', 'base64'))))
    handlers[name] = (responseStream ? stream : unary) as unknown as UntypedHandleCall
  }
  return [methods, handlers] as const
}

function answerStream(call: IncomingCall, {answers, error}: Exchange): void {
  for (const answer of answers) call.write(Buffer.from(answer, 'base64'))
  if (error) call.emit('error', error)
  else call.end()
}

async function passOn(client: Client, path: string, request: Buffer, isStream: boolean): Promise<Exchange> {
  const same = (bytes: Buffer) => bytes
  const answers: string[] = []
  const error = await new Promise<ServiceError | null>((resolve) => {
    if (isStream) {
      client.makeServerStreamRequest(path, same, same, request, new Metadata(), {deadline: Date.now() + 30_000})
        .on('data', (bytes: Buffer) => answers.push(bytes.toString('base64')))
        .on('error', (problem: ServiceError) => resolve(problem))
        .on('end', () => resolve(null))
      return
    }
    client.makeUnaryRequest(path, same, same, request, new Metadata(), {deadline: Date.now() + 30_000}, (problem, bytes) => {
      if (bytes) answers.push(bytes.toString('base64'))
      resolve(problem)
    })
  })
  return {
    path, request: request.toString('base64'), answers,
    ...(error && {error: {code: error.code, details: error.details}}),
  }
}

/** A call as a text that is the same for requests that mean the same: `{}` and `{"filter": {}}`, say. */
function canonical(path: string, request: Buffer): string {
  const [, , serviceName = '', name = ''] = /^\/(runtime\.v1(?:alpha2)?)\.(\w+)\/(\w+)$/.exec(path) ?? []
  const definition = serviceName === 'ImageService' ? ImageServiceDefinition : RuntimeServiceDefinition
  const method = Object.values(definition.methods).find((candidate) => candidate.name === name)
  const type = method?.requestType as Message<unknown> | undefined
  return `${path} ${JSON.stringify(withoutEmpty(type?.toJSON(type.decode(request))))}`
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const).filter(([, inner]) => !isEmpty(inner))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === '0' || value === 0 || value === false || (Array.isArray(value) && value.length === 0)
}
