// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {createContainer, runPodSandbox} from '../../cri/rpcs/config.ts'
import {removeContainer, removePodSandbox, startContainer, stopPodSandbox} from '../../cri/rpcs/lifecycle.ts'
import {UserError} from '../../model/user-error.ts'

/**
 * How something is made. Calls that make something are not cut off by the signal: whether the runtime made it would be
 * anybody's guess. Their answer is waited for, and what was made is removed.
 */
export interface Making {
  readonly signal: AbortSignal
  /** limit of each call in milliseconds; undefined: that of the connection */
  readonly timeoutMs?: number | undefined
  /** told before what was made is removed again */
  readonly onUndo: (what: string) => void
}

/**
 * Starts a pod sandbox; removes it again when the signal came meanwhile.
 *
 * @returns its id
 */
export async function runPod(runtime: CriConnection, config: PodSandboxConfig, runtimeHandler: string, making: Making): Promise<string> {
  return withPod(runtime, config, runtimeHandler, making, async (id) => id)
}

/** What to make a container of. */
export interface ContainerToMake {
  readonly podSandboxId: string
  readonly config: ContainerConfig
  /** that the pod was made with */
  readonly sandboxConfig: PodSandboxConfig
}

/**
 * Makes a container in a pod sandbox; removes it again when the signal came meanwhile.
 *
 * @returns its id
 */
export async function create(runtime: CriConnection, container: ContainerToMake, making: Making): Promise<string> {
  const {signal, onUndo} = making
  signal.throwIfAborted()
  const {containerId} = await runtime.call(createContainer, container, limits(making))
  if (!signal.aborted) return containerId
  onUndo(`container ${containerId}`)
  await undo(signal.reason, `container ${containerId}`, `rtctl cri rm -f ${containerId}`, async () => {
    await runtime.call(removeContainer, {containerId})
  })
  throw signal.reason
}

export async function start(runtime: CriConnection, containerId: string): Promise<void> {
  await runtime.call(startContainer, {containerId})
}

/** What `run` makes. */
export interface PodToRun {
  readonly pod: PodSandboxConfig
  readonly container: ContainerConfig
  readonly runtimeHandler: string
}

/**
 * Starts a container in a pod sandbox of its own. When that does not come to its end, what was made is removed.
 *
 * @returns id of the container
 * @throws what failed; UserError when what was made could not be removed
 */
export async function runContainer(runtime: CriConnection, {pod, container, runtimeHandler}: PodToRun, making: Making): Promise<string> {
  const {timeoutMs: _, ...withoutLimit} = making
  // crictl's limit is for the container (cmd/crictl/container.go).
  return withPod(runtime, pod, runtimeHandler, withoutLimit, async (podSandboxId) => {
    const {containerId} = await runtime.call(createContainer, {podSandboxId, config: container, sandboxConfig: pod}, limits(making))
    making.signal.throwIfAborted()
    await runtime.call(startContainer, {containerId}, limits(making))
    return containerId
  })
}

/** Starts a pod sandbox for the work, and removes it with all that is in it when the work fails or the signal comes before its end. */
async function withPod(
  runtime: CriConnection, config: PodSandboxConfig, runtimeHandler: string, making: Making, work: (podSandboxId: string) => Promise<string>,
): Promise<string> {
  const {signal, onUndo} = making
  signal.throwIfAborted()
  const {podSandboxId} = await runtime.call(runPodSandbox, {config, runtimeHandler}, limits(making))
  try {
    signal.throwIfAborted()
    const result = await work(podSandboxId)
    signal.throwIfAborted()
    return result
  } catch (error) {
    onUndo(`pod sandbox ${podSandboxId}`)
    await undo(error, `pod sandbox ${podSandboxId}`, `rtctl cri rmp -f ${podSandboxId}`, async () => {
      await runtime.call(stopPodSandbox, {podSandboxId})
      await runtime.call(removePodSandbox, {podSandboxId})
    })
    throw error
  }
}

/** @throws UserError when the work fails: then both failures have to be told */
async function undo(cause: unknown, what: string, byHand: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new UserError(`${(cause as Error).message}; and ${what} could not be removed again: ${(error as Error).message}.`, `Remove it with \`${byHand}\`.`, 1)
  }
}

function limits({timeoutMs}: Making): {readonly timeoutMs?: number} {
  return timeoutMs === undefined ? {} : {timeoutMs}
}
