// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import type {CriConnection} from '../../cri/connection.ts'
import {isDeaf} from '../grace.ts'
import type {CriImage, CriPod, CriRuntime, CriState} from '../machine.ts'

const TIMEOUT_MS = 10_000
/** Stopping a sandbox takes the network down: as long as a CNI plugin may take. */
const REMOVE_MS = 120_000

/** A CRI runtime, spoken to over src/cri, which is loaded with the first question. */
export function liveCri(endpoint: string): CriRuntime {
  let opened: Promise<CriConnection> | undefined
  const connection = () => (opened ??= open(endpoint))
  const about = async <T>(work: (runtime: CriConnection) => Promise<T>): Promise<T> => {
    try {
      return await work(await connection())
    } catch (error) {
      throw new Error(`The container runtime at ${endpoint}: ${error instanceof Error ? error.message : String(error)}`, {cause: error})
    }
  }
  return {
    state: () => about(stateOf),
    pods: () => about(podsOf),
    removePod: (id, graceSeconds) => about((runtime) => removePod(runtime, id, graceSeconds)),
    image: (name) => about((runtime) => imageOf(runtime, name)),
    removeImage: (name) => about((runtime) => removeOne(runtime, name)),
    close() {
      void opened?.then((runtime) => runtime.close(), () => undefined)
      opened = undefined
    },
  }
}

async function open(endpoint: string): Promise<CriConnection> {
  const {openConnection} = await import('../../cri/connection.ts')
  const path = endpoint.replace(/^unix:\/\//, '')
  if (!path.startsWith('/')) throw new Error('only unix sockets are supported')
  return openConnection({kind: 'unix', path}, {timeoutMs: TIMEOUT_MS, maxRetries: 0})
}

async function stateOf(runtime: CriConnection): Promise<CriState> {
  const {version, status} = await import('../../cri/rpcs/runtime.ts')
  const who = await runtime.call(version, {})
  const {status: state, info} = await runtime.call(status, {verbose: true})
  const conditions = state?.conditions ?? []
  const is = (type: string) => conditions.some((condition) => condition.type === type && condition.status)
  const cgroupDriver = await driverOf(runtime, info)
  return {
    runtimeName: who.runtimeName, version: who.runtimeVersion, runtimeReady: is('RuntimeReady'), networkReady: is('NetworkReady'),
    reasons: conditions.filter((condition) => !condition.status && condition.type.endsWith('Ready')).map(({type, reason, message}) => `${type}: ${reason} ${message}`.trim()),
    ...(cgroupDriver !== undefined && {cgroupDriver}),
  }
}

/** What it says itself (RuntimeConfig, since 1.28), else what containerd 1.x shows of its configuration. */
async function driverOf(runtime: CriConnection, info: ReadonlyMap<string, string>): Promise<'systemd' | 'cgroupfs' | undefined> {
  const {runtimeConfig} = await import('../../cri/rpcs/runtime.ts')
  const {CgroupDriver} = await import('../../cri/gen/runtime/v1/runtime.ts')
  try {
    const driver = (await runtime.call(runtimeConfig, {})).linux?.cgroupDriver
    return driver === CgroupDriver.CGROUPFS ? 'cgroupfs' : driver === CgroupDriver.SYSTEMD ? 'systemd' : undefined
  } catch (error) {
    if ((error as {readonly kind?: unknown}).kind !== 'unimplemented') throw error
    return driverOfConfig(info.get('config'))
  }
}

/** containerd pkg/cri/config: `containerd.runtimes.<default>.options.SystemdCgroup` in the JSON of its verbose status */
function driverOfConfig(config: string | undefined): 'systemd' | 'cgroupfs' | undefined {
  if (config === undefined) return undefined
  try {
    const {containerd} = JSON.parse(config) as {readonly containerd?: {readonly defaultRuntimeName?: string; readonly runtimes?: Readonly<Record<string, {readonly options?: Readonly<Record<string, unknown>>}>>}}
    const handler = containerd?.runtimes?.[containerd.defaultRuntimeName ?? 'runc']
    return handler === undefined ? undefined : handler.options?.['SystemdCgroup'] === true ? 'systemd' : 'cgroupfs'
  } catch {
    return undefined
  }
}

async function podsOf(runtime: CriConnection): Promise<readonly CriPod[]> {
  const {listContainers, listPodSandbox} = await import('../../cri/rpcs/list.ts')
  const {ContainerState, PodSandboxState} = await import('../../cri/gen/runtime/v1/list.ts')
  const [{items}, {containers}] = [await runtime.call(listPodSandbox, {}), await runtime.call(listContainers, {})]
  const running = containers.filter(({state}) => state === ContainerState.CONTAINER_RUNNING)
  return items.map(({id, metadata, state}) => ({
    id, namespace: metadata?.namespace ?? '', name: metadata?.name ?? '', ready: state === PodSandboxState.SANDBOX_READY,
    running: running.filter(({podSandboxId}) => podSandboxId === id).length,
  }))
}

/** StopPodSandbox kills what runs in it: its containers are asked to end first. */
async function removePod(runtime: CriConnection, podSandboxId: string, graceSeconds: number): Promise<void> {
  const {listContainers} = await import('../../cri/rpcs/list.ts')
  const {ContainerState} = await import('../../cri/gen/runtime/v1/list.ts')
  const {removePodSandbox, stopContainer, stopPodSandbox} = await import('../../cri/rpcs/lifecycle.ts')
  const {containers} = await runtime.call(listContainers, {filter: {id: '', state: undefined, podSandboxId, labelSelector: new Map()}})
  const running = containers.filter(({state}) => state === ContainerState.CONTAINER_RUNNING)
  const limits = {timeoutMs: REMOVE_MS + graceSeconds * 1000}
  await Promise.all(running.map(async ({id: containerId, annotations}) => {
    const timeout = BigInt(await graceOf(runtime, containerId, annotations, graceSeconds))
    await gone(runtime.call(stopContainer, {containerId, timeout}, limits))
  }))
  await gone(runtime.call(stopPodSandbox, {podSandboxId}, limits))
  await gone(runtime.call(removePodSandbox, {podSandboxId}, limits))
}

/** Seconds that a container gets between its stop signal and SIGKILL: those of its pod, and none where it cannot hear the signal. */
async function graceOf(runtime: CriConnection, containerId: string, annotations: ReadonlyMap<string, string>, most: number): Promise<number> {
  const own = Number(annotations.get('io.kubernetes.pod.terminationGracePeriod') ?? most)
  const seconds = Number.isSafeInteger(own) && own >= 0 ? Math.min(own, most) : most
  const {containerStatus} = await import('../../cri/rpcs/status.ts')
  try {
    const {info} = await runtime.call(containerStatus, {containerId, verbose: true})
    const {pid} = JSON.parse(info.get('info') ?? '{}') as {readonly pid?: unknown}
    return Number.isSafeInteger(pid) && isDeaf(readFileSync(`/proc/${String(pid)}/status`, 'latin1')) ? 0 : seconds
  } catch {
    // It ended meanwhile, or the runtime does not tell: it gets its time.
    return seconds
  }
}

const NOT_FOUND = 5

/** CRI-O answers with NOT_FOUND where there is nothing to stop any more; containerd does not mind. */
async function gone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if ((error as {readonly code?: unknown}).code !== NOT_FOUND) throw error
  }
}

async function imageOf(runtime: CriConnection, name: string): Promise<CriImage | undefined> {
  const {imageStatus} = await import('../../cri/rpcs/image.ts')
  const {image} = await runtime.call(imageStatus, {image: await specOf(name)})
  return image === undefined ? undefined : {id: image.id, names: image.repoTags, pinned: image.pinned}
}

async function removeOne(runtime: CriConnection, name: string): Promise<void> {
  const {removeImage} = await import('../../cri/rpcs/image.ts')
  await gone(runtime.call(removeImage, {image: await specOf(name)}))
}

async function specOf(image: string) {
  const {ImageSpec} = await import('../../cri/gen/runtime/v1/list.ts')
  return ImageSpec.fromPartial({image})
}
