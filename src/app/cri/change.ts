// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {ContainerState, PodSandboxState} from '../../cri/gen/runtime/v1/list.ts'
import {removeContainer, removePodSandbox, stopContainer, stopPodSandbox} from '../../cri/rpcs/lifecycle.ts'
import {containerStatus, podSandboxStatus} from '../../cri/rpcs/status.ts'
import {filesOfLog} from '../../logs/rotations.ts'
import {UserError} from '../../model/user-error.ts'
import {inOrder} from './in-order.ts'

/** More than the grace of a container that its stop may take, in milliseconds: killing and cleaning up. */
const STOP_MARGIN_MS = 120_000

/** What came of a change to one of several things. */
export interface Changed<Result> {
  readonly id: string
  readonly result?: Result
  readonly error?: unknown
}

/**
 * Changes several things, some at a time. An error with one does not keep the others from being changed; after the signal
 * no further one is begun.
 */
export async function* changeEach<Result>(ids: readonly string[], change: (id: string) => Promise<Result>, signal: AbortSignal): AsyncGenerator<Changed<Result>> {
  const attempt = async (id: string): Promise<Changed<Result> | undefined> => {
    if (signal.aborted) return undefined
    try {
      return {id, result: await change(id)}
    } catch (error) {
      return {id, error}
    }
  }
  for await (const changed of inOrder(ids, attempt)) if (changed !== undefined) yield changed
}

/**
 * Stops a container.
 *
 * @param graceSeconds until it is killed
 */
export async function stop(runtime: CriConnection, containerId: string, graceSeconds: number, limits: CallLimits): Promise<void> {
  await runtime.call(stopContainer, {containerId, timeout: BigInt(graceSeconds)}, {timeoutMs: graceSeconds * 1000 + STOP_MARGIN_MS, ...limits})
}

export interface Removal {
  /** stop it first when it runs */
  readonly force: boolean
  readonly limits: CallLimits
}

/** What was done on the way. */
export interface Removed {
  readonly stopped: boolean
  /** files of the container's log, which are nobody's now */
  readonly logs: readonly string[]
}

/**
 * Removes a container.
 *
 * @throws UserError when it runs and may not be stopped; CriError
 */
export async function removeOneContainer(runtime: CriConnection, containerId: string, {force, limits}: Removal): Promise<Removed> {
  const {status} = await runtime.call(containerStatus, {containerId, verbose: false}, limits)
  const running = status?.state === ContainerState.CONTAINER_RUNNING
  if (running && !force) throw new UserError(`Container ${containerId} is running.`, 'Stop it with `rtctl cri stop`, or remove it with --force.', 1)
  if (running) await stop(runtime, containerId, 0, limits)
  await runtime.call(removeContainer, {containerId}, limits)
  const logPath = status?.logPath ?? ''
  return {stopped: running, logs: logPath === '' ? [] : filesOfLog(logPath)}
}

/** Stops a pod sandbox with all its containers. */
export async function stopPod(runtime: CriConnection, podSandboxId: string, limits: CallLimits): Promise<void> {
  await runtime.call(stopPodSandbox, {podSandboxId}, limits)
}

/**
 * Removes a pod sandbox with all its containers.
 *
 * @throws UserError when it is ready and may not be stopped; CriError
 */
export async function removeOnePod(runtime: CriConnection, podSandboxId: string, {force, limits}: Removal): Promise<{readonly stopped: boolean}> {
  const {status} = await runtime.call(podSandboxStatus, {podSandboxId, verbose: false}, limits)
  const ready = status?.state === PodSandboxState.SANDBOX_READY
  if (ready && !force) throw new UserError(`Pod sandbox ${podSandboxId} is ready.`, 'Stop it with `rtctl cri stopp`, or remove it with --force.', 1)
  if (ready) await stopPod(runtime, podSandboxId, limits)
  await runtime.call(removePodSandbox, {podSandboxId}, limits)
  return {stopped: ready}
}
