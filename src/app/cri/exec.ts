// SPDX-License-Identifier: Apache-2.0
import type {Readable, Writable} from 'node:stream'
import type {CriConnection} from '../../cri/connection.ts'
import {attach, exec, execSync} from '../../cri/rpcs/exec.ts'
import {UserError} from '../../model/user-error.ts'
import {runRemoteCommand} from '../../streaming/command.ts'
import {StreamingError} from '../../streaming/errors.ts'
import type {TerminalSize, Transport} from '../../streaming/session.ts'
import type {TlsOptions} from '../../streaming/target.ts'

/** How a stream of the runtime is reached. */
export interface StreamingOptions {
  readonly transport: Transport
  readonly tls: TlsOptions
  /** limit of connecting, in milliseconds */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** The ends of a command on this side. With a terminal there is no stderr: it has one output. */
export interface CommandStreams {
  readonly stdin?: Readable | undefined
  readonly stdout: Writable
  readonly stderr?: Writable | undefined
  readonly tty: boolean
  readonly resize?: AsyncIterable<TerminalSize> | undefined
}

/**
 * Runs a command in a container, with its input and output passed on as they come.
 *
 * @returns the exit code of the command
 * @throws CriError, UserError where the stream cannot be opened or breaks off
 */
export async function execInContainer(
  runtime: CriConnection, container: {readonly id: string; readonly command: readonly string[]}, streams: CommandStreams, options: StreamingOptions,
): Promise<number> {
  const request = {containerId: container.id, cmd: [...container.command], ...wanted(streams)}
  return run(async () => (await runtime.call(exec, request, {signal: options.signal})).url, streams, options)
}

/**
 * Joins the input and output of a container that runs, until it ends.
 *
 * @throws as execInContainer
 */
export async function attachToContainer(runtime: CriConnection, containerId: string, streams: CommandStreams, options: StreamingOptions): Promise<void> {
  const request = {containerId, ...wanted(streams)}
  // Over WebSocket containerd's server ends an attach without input at once.
  const transport = options.transport === 'auto' ? 'spdy' : options.transport
  await run(async () => (await runtime.call(attach, request, {signal: options.signal})).url, streams, {...options, transport})
}

/** What a command said and how it ended, all at once. */
export interface CommandResult {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly exitCode: number
}

/** More than the command's own limit that its answer may take, in milliseconds. */
const ANSWER_MARGIN_MS = 10_000

/**
 * Runs a command in a container and waits for its end.
 *
 * @param limits.seconds until the runtime kills the command; 0: never
 * @throws CriError
 */
export async function execSyncInContainer(
  runtime: CriConnection, container: {readonly id: string; readonly command: readonly string[]}, limits: {readonly seconds: number; readonly signal?: AbortSignal},
): Promise<CommandResult> {
  const {seconds, signal} = limits
  const timeoutMs = seconds > 0 ? seconds * 1000 + ANSWER_MARGIN_MS : undefined
  const request = {containerId: container.id, cmd: [...container.command], timeout: BigInt(seconds)}
  return runtime.call(execSync, request, {timeoutMs, signal})
}

function wanted({stdin, stderr, tty}: CommandStreams) {
  return {stdin: stdin !== undefined, stdout: true, stderr: stderr !== undefined && !tty, tty}
}

async function run(newUrl: () => Promise<string>, streams: CommandStreams, options: StreamingOptions): Promise<number> {
  const url = await newUrl()
  try {
    const {exitCode} = await runRemoteCommand({...streams, ...options, url, refresh: newUrl})
    return exitCode
  } catch (error) {
    throw explainStreamingError(error, url)
  }
}

/** Cause and next step of a stream that failed; anything else as it is. */
export function explainStreamingError(error: unknown, url: string): unknown {
  if (!(error instanceof StreamingError) || error.kind === 'aborted') return error
  return new UserError(`${error.message}, at the streaming server of the runtime, ${withoutToken(url)}.`, nextStep(error), 1)
}

function nextStep({kind}: StreamingError): string {
  switch (kind) {
    case 'unreachable':
    case 'timeout':
      return 'The runtime named this address: run rtctl on the node itself. containerd sets it with stream_server_address, CRI-O with stream_address.'
    case 'not-found':
      return 'The runtime was started anew meanwhile, or the request waited for over a minute. Try again.'
    case 'forbidden':
    case 'refused':
      return 'Try the other protocol, with --transport spdy or --transport websocket; a server with TLS may ask for --tls-cert and --tls-key.'
    case 'closed':
      return 'See whether the container and the runtime still run, with `rtctl cri ps -a` and `rtctl inspect`.'
    case 'failed':
      return 'See `rtctl cri inspect` for the state of the container, and whether the command is in its image.'
    default:
      return 'Try the other protocol, with --transport spdy or --transport websocket.'
  }
}

/** Whoever has the token of a URL can use it for a minute. */
function withoutToken(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'which named no URL' : `${parsed.protocol}//${parsed.host}`
}
