// SPDX-License-Identifier: Apache-2.0
import type {Readable, Writable} from 'node:stream'
import type {StreamingError} from './errors.ts'
import type {ConnectOptions} from './target.ts'

/** How to speak to the streaming server; `auto` is explained in open.ts. */
export type Transport = 'auto' | 'websocket' | 'spdy'

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/**
 * An exec or attach that the runtime has a URL for. What is given here must be what the runtime was asked for (`stdin`,
 * `stdout`, `stderr`, `tty` of ExecRequest and AttachRequest): a server waits 30 s for a stream that is not opened.
 */
export interface StreamRequest extends ConnectOptions {
  /** as the runtime answered: `http://127.0.0.1:40123/exec/TOKEN` */
  readonly url: string
  /** Asks the runtime for another URL. A token works once, also when the upgrade is refused: for a second transport a new one is due. */
  readonly refresh?: (() => Promise<string>) | undefined
  readonly transport?: Transport | undefined
  readonly stdin?: Readable | AsyncIterable<Uint8Array> | undefined
  readonly stdout?: Writable | undefined
  /** never with a terminal, which has one output */
  readonly stderr?: Writable | undefined
  readonly tty: boolean
  readonly resize?: AsyncIterable<TerminalSize> | undefined
}

/** Names of the subprotocols, as in k8s.io/cri-streaming pkg/streaming/remotecommand/constants.go. */
export type CommandProtocol = 'v5.channel.k8s.io' | 'v4.channel.k8s.io' | 'v3.channel.k8s.io' | 'v2.channel.k8s.io' | 'channel.k8s.io'

export type OutputStream = 'stdout' | 'stderr' | 'error'

/** What a transport tells about a running command. */
export interface CommandEvents {
  /** @returns a promise to be waited for before more is read; undefined: go on */
  output(stream: OutputStream, piece: Buffer): Promise<void> | undefined
  /** Nothing more will come. An error when the server did not end the streams as it should. Called once. */
  closed(error: StreamingError | undefined): void
}

/** An open connection to a running command. */
export interface CommandSession {
  readonly protocol: CommandProtocol
  readonly transport: 'websocket' | 'spdy'
  /** Sends; the promise resolves when the connection takes more. */
  send(stream: 'stdin' | 'resize', bytes: Uint8Array): Promise<void>
  /** Tells the command that its input ends, where the protocol can say so. */
  endStdin(): void
  close(): void
}

export function resizeMessage({width, height}: TerminalSize): Buffer {
  return Buffer.from(JSON.stringify({Width: width, Height: height}))
}
