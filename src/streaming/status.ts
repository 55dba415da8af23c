// SPDX-License-Identifier: Apache-2.0
import {boundedWords, StreamingError} from './errors.ts'
import type {CommandProtocol} from './session.ts'

/** Longest answer on the error stream that is kept, in bytes. */
const MAX_STATUS = 256 * 1024

/** Collects what comes on the error stream, up to a limit. */
export class StatusCollector {
  readonly #parts: Buffer[] = []
  #length = 0

  /** Fits as a handler of data: it is always ready for more. */
  add(piece: Buffer): undefined {
    const taken = piece.subarray(0, MAX_STATUS - this.#length)
    if (taken.length === 0) return
    this.#length += taken.length
    this.#parts.push(taken)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/**
 * The exit code of a command.
 *
 * @param bytes all that came on the error stream
 * @param ending how the connection ended; undefined: as it should
 * @throws StreamingError `failed` with the runtime's words; the ending when there is no status where there must be one
 */
export function exitCodeOf(bytes: Buffer, protocol: CommandProtocol, ending: StreamingError | undefined): number {
  const {length} = bytes.toString('utf8').trim()
  if (length === 0) return silence(protocol, ending)
  return protocol === 'v4.channel.k8s.io' || protocol === 'v5.channel.k8s.io' ? ofStatus(bytes) : ofText(bytes)
}

/**
 * Servers of v4 always send a status, also after success and for attach; before v4 success is silent, and the one server
 * of v5 (conmon-rs) is silent too and then closes in order.
 */
function silence(protocol: CommandProtocol, ending: StreamingError | undefined): number {
  if (ending !== undefined) throw ending
  if (protocol === 'v4.channel.k8s.io') throw new StreamingError('closed', 'the streaming server ended the session without saying how the command ended')
  return 0
}

interface Status {
  readonly status?: unknown
  readonly reason?: unknown
  readonly message?: unknown
  readonly details?: {readonly causes?: unknown} | null
}

/** metav1.Status, as in k8s.io/apimachinery pkg/apis/meta/v1/types.go. */
function ofStatus(bytes: Buffer): number {
  const status = parsed(bytes)
  if (status === undefined) throw new StreamingError('failed', `the runtime reports: ${boundedWords(bytes)}`)
  if (status.status === 'Success') return 0
  const code = status.reason === 'NonZeroExitCode' ? exitCause(status) : undefined
  if (code !== undefined) return code
  const words = typeof status.message === 'string' ? status.message : bytes
  throw new StreamingError('failed', boundedWords(words))
}

function parsed(bytes: Buffer): Status | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function exitCause({details}: Status): number | undefined {
  const causes: readonly unknown[] = Array.isArray(details?.causes) ? details.causes : []
  for (const cause of causes) {
    const {reason, message} = (cause ?? {}) as {readonly reason?: unknown; readonly message?: unknown}
    if (reason === 'ExitCode' && typeof message === 'string' && /^-?\d{1,10}$/.test(message)) return Number(message)
  }
  return undefined
}

/**
 * Text of v1 to v3: `command terminated with non-zero exit code: ` and the runtime's own words, the code at the end
 * (`…, exit code 7` of containerd, `exit status 7` of CRI-O, `Error executing in Docker Container: 7` of dockershim).
 */
function ofText(bytes: Buffer): number {
  const words = boundedWords(bytes)
  const code = /^command terminated with non-zero exit code\b[^]*?(\d{1,10})$/.exec(words)?.[1]
  if (code !== undefined) return Number(code)
  throw new StreamingError('failed', words)
}
