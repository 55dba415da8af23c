// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {ContainerState, PodSandboxState} from '../../cri/gen/runtime/v1/list.ts'
import {removeContainer, removePodSandbox, stopContainer, stopPodSandbox} from '../../cri/rpcs/lifecycle.ts'
import {containerStatus, podSandboxStatus} from '../../cri/rpcs/status.ts'
import {UserError} from '../../model/user-error.ts'
import {inOrder} from './in-order.ts'

/** What came of a change to one of several things. */
export interface Changed<Result> {
  readonly id: string
  readonly result?: Result
  readonly error?: unknown
}

/** How to change several things. */
export interface Changes {
  /** after it no further one is begun */
  readonly signal: AbortSignal
  /** one after the other; else some at a time */
  readonly inTurn?: boolean
}

/** Changes several things. An error with one does not keep the others from being changed. */
export async function* changeEach<Result>(ids: readonly string[], change: (id: string) => Promise<Result>, {signal, inTurn}: Changes): AsyncGenerator<Changed<Result>> {
  const attempt = async (id: string): Promise<Changed<Result> | undefined> => {
    if (signal.aborted) return undefined
    try {
      return {id, result: await change(id)}
    } catch (error) {
      return {id, error}
    }
  }
  if (inTurn) {
    for (const id of ids) yield* present(await attempt(id))
  } else {
    for await (const changed of inOrder(ids, attempt)) yield* present(changed)
  }
}

function present<Item>(item: Item | undefined): readonly Item[] {
  return item === undefined ? [] : [item]
}

/**
 * Stops a container.
 *
 * @param graceSeconds until it is killed; the call may take as much longer as any other
 */
export async function stop(runtime: CriConnection, containerId: string, graceSeconds: number, limits: CallLimits = {}): Promise<void> {
  await runtime.call(stopContainer, {containerId, timeout: BigInt(graceSeconds)}, {timeoutMs: runtime.timeoutMs + graceSeconds * 1000, ...limits})
}

export interface Removal {
  /** stop it first when it runs */
  readonly force: boolean
  /** told when it was stopped */
  readonly onStopped: () => Promise<void>
}

/**
 * Removes a container.
 *
 * @returns path of its log, which is nobody's now; empty: it had none
 * @throws UserError when it runs and may not be stopped; CriError
 */
export async function removeOneContainer(runtime: CriConnection, containerId: string, {force, onStopped}: Removal): Promise<string> {
  const {status} = await runtime.call(containerStatus, {containerId, verbose: false})
  if (status?.state === ContainerState.CONTAINER_RUNNING) {
    if (!force) throw new UserError(`Container ${containerId} is running.`, 'Stop it with `rtctl cri stop`, or remove it with --force.', 1)
    await stop(runtime, containerId, 0)
    await onStopped()
  }
  await runtime.call(removeContainer, {containerId})
  return status?.logPath ?? ''
}

/** Stops a pod sandbox with all its containers. */
export async function stopPod(runtime: CriConnection, podSandboxId: string, limits?: CallLimits): Promise<void> {
  await runtime.call(stopPodSandbox, {podSandboxId}, limits)
}

/**
 * Removes a pod sandbox with all its containers.
 *
 * @throws UserError when it is ready and may not be stopped; CriError
 */
export async function removeOnePod(runtime: CriConnection, podSandboxId: string, {force, onStopped}: Removal): Promise<void> {
  const {status} = await runtime.call(podSandboxStatus, {podSandboxId, verbose: false})
  if (status?.state === PodSandboxState.SANDBOX_READY) {
    if (!force) throw new UserError(`Pod sandbox ${podSandboxId} is ready.`, 'Stop it with `rtctl cri stopp`, or remove it with --force.', 1)
    await stopPod(runtime, podSandboxId)
    await onStopped()
  }
  await runtime.call(removePodSandbox, {podSandboxId})
}
