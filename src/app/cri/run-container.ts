// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {createContainer, runPodSandbox} from '../../cri/rpcs/config.ts'
import {removePodSandbox, startContainer, stopPodSandbox} from '../../cri/rpcs/lifecycle.ts'

/** Starts a pod sandbox. @returns its id */
export async function runPod(runtime: CriConnection, config: PodSandboxConfig, runtimeHandler: string, limits: CallLimits): Promise<string> {
  return (await runtime.call(runPodSandbox, {config, runtimeHandler}, limits)).podSandboxId
}

/** Makes a container in a pod sandbox. @returns its id */
export async function create(
  runtime: CriConnection, podSandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig | undefined, limits: CallLimits,
): Promise<string> {
  return (await runtime.call(createContainer, {podSandboxId, config, sandboxConfig}, limits)).containerId
}

export async function start(runtime: CriConnection, containerId: string, limits: CallLimits): Promise<void> {
  await runtime.call(startContainer, {containerId}, limits)
}

/** What `run` is about. */
export interface RunRequest {
  readonly pod: PodSandboxConfig
  readonly container: ContainerConfig
  readonly runtimeHandler: string
  readonly limits: CallLimits
  /** told before what was made is removed again */
  readonly onUndo: (podSandboxId: string) => void
}

/**
 * Starts a container in a pod sandbox of its own. When that does not come to its end, what was made is removed.
 *
 * @returns id of the container
 * @throws what failed; a failure to remove is told beside it
 */
export async function runContainer(runtime: CriConnection, {pod, container, runtimeHandler, limits, onUndo}: RunRequest): Promise<string> {
  const podSandboxId = await runPod(runtime, pod, runtimeHandler, {})
  try {
    limits.signal?.throwIfAborted()
    const id = await create(runtime, podSandboxId, container, pod, limits)
    await start(runtime, id, limits)
    return id
  } catch (error) {
    onUndo(podSandboxId)
    await undo(runtime, podSandboxId, error)
    throw error
  }
}

async function undo(runtime: CriConnection, podSandboxId: string, cause: unknown): Promise<void> {
  try {
    await runtime.call(stopPodSandbox, {podSandboxId})
    await runtime.call(removePodSandbox, {podSandboxId})
  } catch (error) {
    throw new AggregateError([cause, error], `${(cause as Error).message}; pod sandbox ${podSandboxId} is left: ${(error as Error).message}`)
  }
}
