// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import type {ContainerStatus} from '../../cri/gen/runtime/v1/status.ts'
import {reopenContainerLog} from '../../cri/rpcs/lifecycle.ts'
import {containerStatus} from '../../cri/rpcs/status.ts'
import type {LogContext, LogOptions} from '../../logs/read.ts'
import {readLogs} from '../../logs/read.ts'
import {previousLog} from '../../logs/rotations.ts'
import type {LogSinks} from '../../logs/writer.ts'
import {UserError} from '../../model/user-error.ts'

export interface ContainerLogOptions extends LogOptions {
  /** the log of the attempt before this one */
  readonly previous: boolean
}

/** Status codes of gRPC. */
const NOT_FOUND = 5
const UNAVAILABLE = 14
/** Problems of a runtime that is being restarted. */
const RESTARTING: readonly CriError['kind'][] = ['no-socket', 'nobody-listens', 'deadline']

/**
 * Prints the log of a container. While following, a runtime that goes away does not end it: containers run on without
 * theirs, and the log is a file.
 *
 * @param id or its beginning, as far as the runtime takes it
 * @throws CriError when the runtime does not know the container; UserError when there is no log that can be read
 */
export async function printContainerLog(
  runtime: CriConnection, id: string, options: ContainerLogOptions, sinks: LogSinks, context: Pick<LogContext, 'onWarning' | 'signal'>,
): Promise<void> {
  const status = await statusOf(runtime, id, context.signal)
  if (status === undefined) return
  const follow = options.follow && !options.previous
  const running = new RunningContainer(runtime, status.id, context)
  await readLogs(logOf(status, options.previous), {...options, follow}, sinks, {...context, isRunning: () => running.isRunning()})
}

/**
 * Lets the runtime open the log of a running container anew, as the kubelet does after it renamed it.
 *
 * @throws CriError when the runtime refuses
 */
export async function reopenLog(runtime: CriConnection, id: string): Promise<void> {
  await runtime.call(reopenContainerLog, {containerId: id})
}

/** @returns undefined when the signal came first */
async function statusOf(runtime: CriConnection, id: string, signal: AbortSignal | undefined): Promise<ContainerStatus | undefined> {
  try {
    const {status} = await runtime.call(containerStatus, {containerId: id, verbose: false}, {...(signal && {signal})})
    if (status !== undefined) return status
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
  throw new UserError(`The runtime tells nothing of container ${id}.`, 'See what it has with `rtctl cri ps -a`.', 1)
}

function logOf(status: ContainerStatus, previous: boolean): string {
  const {id, logPath, metadata} = status
  if (logPath === '') {
    throw new UserError(
      `Container ${id} has no log: it was made without a log path.`, 'Pod and container need log_directory and log_path when they are made; the kubelet gives both.', 1,
    )
  }
  if (!previous) return logPath
  const before = previousLog(logPath, metadata?.attempt ?? 0)
  if (before !== undefined) return before
  throw new UserError(`Container ${id} (${metadata?.name ?? ''}) has no attempt before this one.`, 'Leave --previous out.', 1)
}

/** Whether a container still runs, asked again and again. */
class RunningContainer {
  readonly #runtime: CriConnection
  readonly #id: string
  readonly #context: Pick<LogContext, 'onWarning' | 'signal'>
  #warned = false

  constructor(runtime: CriConnection, id: string, context: Pick<LogContext, 'onWarning' | 'signal'>) {
    this.#runtime = runtime
    this.#id = id
    this.#context = context
  }

  async isRunning(): Promise<boolean> {
    try {
      return (await statusOf(this.#runtime, this.#id, this.#context.signal))?.state === ContainerState.CONTAINER_RUNNING
    } catch (error) {
      if (!(error instanceof CriError)) throw error
      if (error.code === NOT_FOUND) return false
      if (error.code !== UNAVAILABLE && !RESTARTING.includes(error.kind)) throw error
      if (!this.#warned) this.#context.onWarning?.(`the runtime does not answer (${error.message}); its log is followed on`)
      this.#warned = true
      return true
    }
  }
}
