// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'
import {LogDecoder} from './decoder.ts'
import {follow} from './follow.ts'
import {LogFile} from './log-file.ts'
import {STREAMS} from './piece.ts'
import {LogReader} from './reader.ts'
import {tailStart} from './tail.ts'
import {Moment} from './timestamp.ts'
import type {LogSinks} from './writer.ts'
import {LogWriter} from './writer.ts'

export interface LogOptions {
  /** go on with what is written to the log from now on, across rotations, until the container has ended */
  readonly follow: boolean
  /** print the time at the start of each line, with nine digits of a fraction as crictl does */
  readonly timestamps: boolean
  /** only that many lines from the end of the file; of one stream, when `stream` names one */
  readonly tailLines?: number | undefined
  /** nanoseconds since 1970: leave out lines that began before */
  readonly since?: bigint | undefined
  /** stop after that many bytes of output, timestamps included */
  readonly limitBytes?: number | undefined
  readonly stream?: (typeof STREAMS)[number] | undefined
}

export interface LogContext {
  /** Whether the container runs. Asked while following, at the end of the file. */
  readonly isRunning: () => Promise<boolean>
  /** ends it, without an error */
  readonly signal?: AbortSignal | undefined
  /** told of the first line that is passed over because it cannot be read; the text may hold anything that the file does */
  readonly onWarning?: ((text: string) => void) | undefined
}

/**
 * Prints a container's log: a file in the CRI's format or in docker's json-file format, told apart line by line. Pieces
 * of long lines are joined. Holds a few hundred KiB, however large the file and however long its lines; only a line of
 * docker's format is held as a whole, up to 16 MiB. The text is passed on byte for byte: what a container wrote for a
 * terminal reaches it.
 *
 * As with crictl and the kubelet (k8s.io/cri-client pkg/logs/logs.go) only the file itself is read, not those that were
 * rotated away before; what is rotated while following is read to its end.
 *
 * @param path links in it are followed
 * @throws UserError when there is no readable log at the path; whatever a sink or `isRunning` rejects with
 */
export async function readLogs(path: string, options: LogOptions, sinks: LogSinks, context: LogContext): Promise<void> {
  const file = new LogFile(path)
  const reader = readerOf(file, options, sinks, context)
  try {
    if (options.follow) await follow(reader, context)
    else await dump(reader, file.size)
  } finally {
    reader.close()
  }
}

function readerOf(file: LogFile, options: LogOptions, sinks: LogSinks, context: LogContext): LogReader {
  const stream = options.stream === undefined ? undefined : options.stream === 'stdout' ? 0 : 1
  const from = options.tailLines === undefined ? [0, 0] as const : tailStart(file.descriptor, file.size, options.tailLines, stream)
  file.position = Math.min(...from)
  const writer = new LogWriter(sinks, options.limitBytes)
  const decoder = new LogDecoder({
    timestamps: options.timestamps,
    since: options.since === undefined ? undefined : new Moment(options.since),
    stream,
    onMalformed: (offset, sample) => context.onWarning?.(malformed(file.path, offset, sample)),
  }, writer, from)
  return new LogReader(file, decoder, writer, context.signal)
}

function malformed(where: string, offset: number, sample: Buffer): string {
  return `${where}: what stands at byte ${offset} is no line of a container's log; it is passed over, and so is all that is like it: ${sample.toString()}`
}

async function dump(reader: LogReader, size: number): Promise<void> {
  await reader.drain(size)
  await reader.finish()
  if (!reader.understoodNothing) return
  throw new UserError(
    `${reader.path} is no container's log: no line of it has the CRI's format or docker's json-file format.`,
    'Look into it with `head`. A container with another log driver (journald, local) leaves no such file.',
  )
}
