// SPDX-License-Identifier: Apache-2.0
import type {Server, Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {UserError} from '../model/user-error.ts'

/** A port here and the port of the pod behind it. */
export interface PortPair {
  /** 0: any that is free */
  readonly local: number
  readonly remote: number
}

export interface ListenRequest {
  /** addresses to listen on; `localhost` is 127.0.0.1 and, where there is one, ::1 */
  readonly addresses: readonly string[]
  readonly pairs: readonly PortPair[]
  /** makes the connection behind an accepted one */
  readonly connect: (remote: number) => Promise<Duplex>
  /** told of each accepted connection */
  readonly onConnection?: ((remote: number) => void) | undefined
  /** told of a connection that failed; the others go on */
  readonly onProblem: (remote: number, error: unknown) => void
}

export interface Listening {
  readonly bound: readonly {readonly address: string; readonly port: number; readonly remote: number}[]
  /** Stops listening and breaks off what is connected. */
  readonly close: () => void
}

/**
 * `8080:80`, `80` (the same port here) or `:80` (any free port here).
 *
 * @throws UserError
 */
export function parsePortPair(text: string): PortPair {
  const [, local, remote] = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(text) ?? []
  const pair = {local: Number(local ?? remote), remote: Number(remote)}
  if (remote === undefined || pair.remote < 1 || pair.remote > 65_535 || pair.local > 65_535) {
    throw new UserError(`“${text}” is no pair of ports`, 'Give LOCAL:REMOTE like 8080:80, a single port, or :REMOTE for any free local port.')
  }
  return pair
}

/**
 * Listens on local ports and joins each accepted connection with one to the pod: no faster than either end takes the data,
 * and each direction ends by itself.
 *
 * @throws UserError when a port cannot be listened on
 */
export async function listenAndForward(request: ListenRequest): Promise<Listening> {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const bound: Listening['bound'][number][] = []
  const close = () => {
    for (const server of servers) server.close()
    for (const socket of sockets) socket.destroy()
  }
  try {
    for (const pair of request.pairs) bound.push(...await listenOnAll(request, pair, servers, sockets))
    return {bound, close}
  } catch (error) {
    close()
    throw error
  }
}

async function listenOnAll(request: ListenRequest, {local, remote}: PortPair, servers: Server[], sockets: Set<Socket>): Promise<Listening['bound']> {
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void serve(request, socket, remote)
  }
  const bound: Listening['bound'][number][] = []
  for (const {address, optional} of request.addresses.flatMap(meant)) {
    try {
      // The random port of the first address is the port of the others.
      const server = await listen(address, bound[0]?.port ?? local, accept)
      servers.push(server)
      bound.push({address, port: portOf(server), remote})
    } catch (error) {
      if (!optional) throw cannotListen(address, local, error)
    }
  }
  return bound
}

function meant(address: string): readonly {readonly address: string; readonly optional: boolean}[] {
  if (address !== 'localhost') return [{address, optional: false}]
  return [{address: '127.0.0.1', optional: false}, {address: '::1', optional: true}]
}

async function listen(host: string, port: number, accept: (socket: Socket) => void): Promise<Server> {
  const {createServer} = await import('node:net')
  const server = createServer({allowHalfOpen: true, pauseOnConnect: true, noDelay: true}, accept)
  return new Promise<Server>((resolve, reject) => {
    server.once('error', reject).listen({host, port, ipv6Only: true}, () => resolve(server.off('error', reject)))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function serve({connect, onConnection, onProblem}: ListenRequest, socket: Socket, remote: number): Promise<void> {
  socket.on('error', () => undefined)
  onConnection?.(remote)
  try {
    const connection = await connect(remote)
    if (socket.destroyed) connection.destroy()
    else join(socket, connection, (error) => onProblem(remote, error))
  } catch (error) {
    socket.destroy()
    onProblem(remote, error)
  }
}

/** Joins both ends. A local end that goes away is no problem, but no reason to keep the other one either. */
function join(socket: Socket, connection: Duplex, failed: (error: unknown) => void): void {
  connection.once('error', (error) => {
    failed(error)
    socket.destroy()
  })
  connection.once('close', () => {
    if (!socket.writableEnded) socket.destroy()
  })
  socket.once('close', () => connection.destroy())
  socket.pipe(connection)
  connection.pipe(socket)
}

function cannotListen(address: string, port: number, error: unknown): UserError {
  const code = (error as {readonly code?: unknown}).code
  const where = `port ${port} of ${address}`
  if (code === 'EADDRINUSE') return new UserError(`${where} is in use already`, 'Choose another local port, or :REMOTE for any free one.', 1)
  if (code === 'EACCES') return new UserError(`${where} may only be listened on by root`, 'Choose a local port above 1023, or :REMOTE for any free one.', 1)
  return new UserError(`cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`, 'Choose another address or port.', 1)
}
