// SPDX-License-Identifier: Apache-2.0
import {connect, createServer, type ClientHttp2Session, type IncomingHttpHeaders, type ServerHttp2Stream} from 'node:http2'
import {connect as connectTo} from 'node:net'

export interface OldCri {
  /** methods that were passed on, `RuntimeService/Version`, in the order they came */
  readonly passed: readonly string[]
  readonly stop: () => Promise<void>
}

/**
 * A CRI endpoint without v1, as containerd before 1.6 was: calls of v1 get what a Go server says of a service that it does
 * not have, calls of v1alpha2 go to `upstream` byte by byte.
 */
export async function withoutV1(upstream: string, socket: string): Promise<OldCri> {
  const client = connect('http://localhost', {createConnection: () => connectTo(upstream)})
  const passed: string[] = []
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const [, service = '', method = ''] = (headers[':path'] ?? '').split('/')
    stream.on('error', () => {}) // a client that went away
    if (service.startsWith('runtime.v1.')) {
      stream.respond({
        ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12', 'grpc-message': `unknown service ${service}`,
      }, {endStream: true})
      return
    }
    passed.push(`${service.replace('runtime.v1alpha2.', '')}/${method}`)
    passOn(client, stream, headers)
  })
  await new Promise<void>(resolve => { server.listen(socket, resolve) })
  return {
    passed,
    stop: () => new Promise(resolve => {
      client.destroy()
      server.close(() => resolve())
    }),
  }
}

function passOn(client: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const call = client.request(headers)
  let trailers: IncomingHttpHeaders = {}
  stream.pipe(call)
  call.on('response', (answer, flags) => {
    const END_STREAM = 1
    if (flags & END_STREAM) {
      stream.respond(answer, {endStream: true})
      return
    }
    stream.respond(answer, {waitForTrailers: true})
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    call.pipe(stream)
  })
  call.on('trailers', last => { trailers = last })
  call.on('error', () => stream.destroy())
  stream.on('close', () => call.destroy())
}
