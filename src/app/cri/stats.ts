// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {PodSandboxMetrics} from '../../cri/gen/runtime/v1/metrics.ts'
import type {ContainerStats, ContainerStatsFilter, PodSandboxStats, PodSandboxStatsFilter} from '../../cri/gen/runtime/v1/stats.ts'
import {listPodSandboxMetrics, streamPodSandboxMetrics} from '../../cri/rpcs/metrics.ts'
import {listContainerStats, listPodSandboxStats, streamContainerStats, streamPodSandboxStats} from '../../cri/rpcs/stats.ts'
import {UserError} from '../../model/user-error.ts'
import {listed} from './listing.ts'

/** What a container uses. Sizes in bytes. */
export interface ContainerUsage {
  readonly id: string
  readonly name: string
  /** 100 is one core; undefined where the runtime measured only once */
  readonly cpuPercent: number | undefined
  /** the working set */
  readonly memory: number
  /** written since it was created */
  readonly disk: number
  readonly inodes: number
  readonly swap: number
}

/** What a pod uses, its sandbox included. */
export type PodUsage = Pick<ContainerUsage, 'id' | 'name' | 'cpuPercent' | 'memory'>

/** Usage of the containers that the filter lets through, sorted by id as crictl sorts them. */
export async function containerStatsOf(runtime: CriConnection, filter?: ContainerStatsFilter, limits?: CallLimits): Promise<readonly ContainerStats[]> {
  const stats = await listed(runtime, {
    stream: streamContainerStats, list: listContainerStats, itemsOfPart: (part) => part.containerStats, itemsOfWhole: (whole) => whole.stats,
  }, {filter}, limits)
  return byId(stats)
}

/** Usage of the pods that the filter lets through, sorted by id. */
export async function podStatsOf(runtime: CriConnection, filter?: PodSandboxStatsFilter, limits?: CallLimits): Promise<readonly PodSandboxStats[]> {
  const stats = await listed(runtime, {
    stream: streamPodSandboxStats, list: listPodSandboxStats, itemsOfPart: (part) => part.podSandboxStats, itemsOfWhole: (whole) => whole.stats,
  }, {filter}, limits)
  return byId(stats)
}

/** The metrics of all pods, in the runtime's order. */
export async function podMetricsOf(runtime: CriConnection, limits?: CallLimits): Promise<readonly PodSandboxMetrics[]> {
  return listed(runtime, {
    stream: streamPodSandboxMetrics, list: listPodSandboxMetrics,
    itemsOfPart: (part) => part.podSandboxMetrics, itemsOfWhole: (whole) => whole.podMetrics,
  }, {}, limits)
}

/**
 * Usage between two looks. A container that only the later one has is left out: nothing to compare it with.
 *
 * @param all also those without CPU time and memory, which do not run
 */
export function containerUsage(before: readonly ContainerStats[], after: readonly ContainerStats[], all: boolean): readonly ContainerUsage[] {
  const earlier = new Map(before.map((stats) => [stats.attributes?.id, stats]))
  return after.flatMap((stats) => {
    const id = stats.attributes?.id ?? ''
    const old = earlier.get(id)
    const memory = amount(stats.memory?.workingSetBytes)
    if (old === undefined || (!all && memory === 0 && amount(stats.cpu?.usageCoreNanoSeconds) === 0)) return []
    return [{
      id,
      name: stats.attributes?.metadata?.name ?? '',
      cpuPercent: cpuPercent(old.cpu, stats.cpu),
      memory,
      disk: amount(stats.writableLayer?.usedBytes),
      inodes: amount(stats.writableLayer?.inodesUsed),
      swap: amount(stats.swap?.swapUsageBytes),
    }]
  })
}

/**
 * Usage between two looks, of the pods that have any.
 *
 * @throws UserError for a pod of both Linux and Windows, which no runtime can have
 */
export function podUsage(before: readonly PodSandboxStats[], after: readonly PodSandboxStats[]): readonly PodUsage[] {
  const earlier = new Map(before.map((stats) => [stats.attributes?.id, stats]))
  return after.flatMap((stats) => {
    const id = stats.attributes?.id ?? ''
    const {linux, windows} = stats
    if (linux && windows) throw new UserError(`Pod ${id} has statistics of Linux and of Windows.`, 'Report it to the makers of the runtime.', 1)
    const now = linux ?? windows
    const memory = amount(now?.memory?.workingSetBytes)
    const old = earlier.get(id)
    if (old === undefined || (memory === 0 && amount(now?.cpu?.usageCoreNanoSeconds) === 0)) return []
    return [{id, name: stats.attributes?.metadata?.name ?? '', cpuPercent: cpuPercent((old.linux ?? old.windows)?.cpu, now?.cpu), memory}]
  })
}

interface CpuTime {
  /** nanoseconds */
  readonly timestamp: bigint
  readonly usageCoreNanoSeconds: {readonly value: bigint} | undefined
}

/**
 * CPU time in percent of the time between two measurements, as crictl computes it (cmd/crictl/container_stats.go).
 *
 * @returns undefined where nothing was measured in between, or where the counter began anew
 */
function cpuPercent(before: CpuTime | undefined, after: CpuTime | undefined): number | undefined {
  const used = after?.usageCoreNanoSeconds?.value ?? 0n
  if (used === 0n || after === undefined) return 0
  const more = used - (before?.usageCoreNanoSeconds?.value ?? 0n)
  const duration = after.timestamp - (before?.timestamp ?? 0n)
  return duration <= 0n || more < 0n ? undefined : Number(more) / Number(duration) * 100
}

function amount(value: {readonly value: bigint} | undefined): number {
  return Number(value?.value ?? 0n)
}

function byId<Item extends {readonly attributes: {readonly id: string} | undefined}>(items: readonly Item[]): readonly Item[] {
  const key = (item: Item) => item.attributes?.id ?? ''
  return items.toSorted((one, other) => (key(one) < key(other) ? -1 : Number(key(one) > key(other))))
}
