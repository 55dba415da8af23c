// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import type {ContainerStatus} from '../../cri/gen/runtime/v1/status.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import {getContainerEvents} from '../../cri/rpcs/events.ts'
import {version} from '../../cri/rpcs/runtime.ts'
import {containerStatus} from '../../cri/rpcs/status.ts'
import {pause} from './stats-watch.ts'

/** How a wait for a container ended. */
export type Waited =
  | {
    readonly outcome: 'exited'
    /** whole id, whatever was asked for */
    readonly id: string
    readonly exitCode: number
    /** `Completed`, `OOMKilled`, `Error` */
    readonly reason: string
  }
  /** it was removed before anyone could read its exit code */
  | {readonly outcome: 'removed'; readonly id: string}
  | {readonly outcome: 'timeout'; readonly id: string}

export interface WaitLimits {
  /** ends the wait; undefined: as long as it takes */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Between two looks: where events say when to look, and where nothing does. */
const LOOK_MS = {withEvents: 1000, without: 250} as const
/** Containers that are asked for at the same time. */
const AT_ONCE = 8
/** Status code of gRPC. */
const NOT_FOUND = 5

/**
 * Waits until containers have exited; those that have already do not keep it.
 *
 * @param ids or their beginnings, as far as the runtime takes them
 * @returns in the order of the ids
 * @throws CriError when one is not there at the start
 */
export async function waitForContainers(runtime: CriConnection, ids: readonly string[], limits: WaitLimits = {}): Promise<readonly Waited[]> {
  const ends = new AbortController()
  const signals = [ends.signal, limits.signal, limits.timeoutMs === undefined ? undefined : AbortSignal.timeout(limits.timeoutMs)]
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined))
  const waits = (await inTurns(ids, (id) => statusOf(runtime, id, {signal: limits.signal}))).map((status) => new Wait(status))
  const events = new Events(waits)
  const listening = waits.some((wait) => wait.waited === undefined) ? events.listen(runtime, signal) : Promise.resolve()
  try {
    for (;;) {
      const pending = waits.filter((wait) => wait.waited === undefined)
      if (pending.length === 0 || signal.aborted) break
      await events.next(signal)
      await inTurns(pending, (wait) => wait.look(runtime, signal))
    }
  } finally {
    ends.abort()
    await listening
  }
  return waits.map((wait) => wait.waited ?? {outcome: 'timeout', id: wait.id})
}

/** One container that is waited for. */
class Wait {
  readonly id: string
  waited: Waited | undefined

  constructor(status: ContainerStatus) {
    this.id = status.id
    this.see(status)
  }

  see({id, state, exitCode, reason}: ContainerStatus): void {
    if (state === ContainerState.CONTAINER_EXITED) this.waited ??= {outcome: 'exited', id, exitCode, reason}
  }

  async look(runtime: CriConnection, signal: AbortSignal): Promise<void> {
    if (this.waited !== undefined) return
    try {
      this.see(await statusOf(runtime, this.id, {signal}))
    } catch (error) {
      if (signal.aborted) return
      if (!isGone(error)) throw error
      // An event may have told the exit code meanwhile.
      this.waited ??= {outcome: 'removed', id: this.id}
    }
  }
}

/** What the runtime's events say of the containers: they tell when to look, and the exit code of one that is removed at once. */
class Events {
  readonly #waits: readonly Wait[]
  #offered = false
  #wake: AbortController = new AbortController()

  constructor(waits: readonly Wait[]) {
    this.#waits = waits
  }

  /** Until the signal. A runtime without events, or one that ends them, is asked more often instead. */
  async listen(runtime: CriConnection, signal: AbortSignal): Promise<void> {
    try {
      if (await sharesEvents(runtime, signal)) return
      this.#offered = true
      for await (const {containerId, containersStatuses} of runtime.stream(getContainerEvents, {}, {signal})) {
        for (const status of containersStatuses) this.#waits.find(({id}) => id === status.id)?.see(status)
        if (this.#waits.some(({id}) => id === containerId)) this.#wake.abort()
      }
    } catch {
      // What is wrong with the runtime is told by the next look at a container.
    } finally {
      this.#offered = false
    }
  }

  /** Waits for an event of one of the containers, but no longer than until the next look is due. */
  async next(signal: AbortSignal): Promise<void> {
    await pause(this.#offered ? LOOK_MS.withEvents : LOOK_MS.without, AbortSignal.any([signal, this.#wake.signal]))
    this.#wake = new AbortController()
  }
}

/**
 * containerd 1 gives each event to one reader only (pkg/cri/server/container_events.go): reading them would take
 * them away from the kubelet.
 */
async function sharesEvents(runtime: CriConnection, signal: AbortSignal): Promise<boolean> {
  const {runtimeName, runtimeVersion} = await runtime.call(version, {version: ''}, {signal})
  return runtimeName === 'containerd' && /^v?1\./.test(runtimeVersion)
}

async function statusOf(runtime: CriConnection, containerId: string, limits: CallLimits): Promise<ContainerStatus> {
  const {status} = await runtime.call(containerStatus, {containerId}, limits)
  if (status === undefined) throw new CriError('malformed', 13, `the runtime has no status of ${containerId}`)
  return status
}

/** dockershim and cri-dockerd pass on dockerd's words without the code. */
function isGone(error: unknown): boolean {
  return error instanceof CriError && (error.code === NOT_FOUND || /no such container|not found/i.test(error.message))
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let index = 0; index < items.length; index += AT_ONCE) results.push(...(await Promise.all(items.slice(index, index + AT_ONCE).map(work))))
  return results
}
