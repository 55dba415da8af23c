// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerStats} from '../../cri/gen/runtime/v1/stats.ts'
import {listContainers, listPods} from './lists.ts'
import type {ContainerUsage} from './stats.ts'
import {containerStatsOf, containerUsage} from './stats.ts'

/** A container and what it uses. */
export interface TopContainer extends ContainerUsage {
  /** name of its pod; '' where nobody tells */
  readonly pod: string
  readonly namespace: string
}

export const SORT_KEYS = ['cpu', 'mem', 'disk'] as const

export type SortKey = (typeof SORT_KEYS)[number]

type PodName = Pick<TopContainer, 'pod' | 'namespace'>

/** Labels that the kubelet gives to every container (k8s.io/kubelet, pkg/types/labels.go). */
const POD_NAME = 'io.kubernetes.pod.name'
const POD_NAMESPACE = 'io.kubernetes.pod.namespace'

/** One look at all containers. */
export interface TopLook {
  readonly stats: readonly ContainerStats[]
  /** by container id */
  readonly pods: ReadonlyMap<string, PodName>
}

/** Gives looks at the usage of all containers. Pods are asked for only when a container appears whose labels do not tell its pod. */
export function topLooks(runtime: CriConnection): (signal?: AbortSignal) => Promise<TopLook> {
  let known: ReadonlyMap<string, PodName> = new Map()
  return async (signal) => {
    const stats = await containerStatsOf(runtime, undefined, {signal})
    const isKnown = ({attributes}: ContainerStats) => attributes === undefined || attributes.labels.has(POD_NAME) || known.has(attributes.id)
    if (!stats.every(isKnown)) known = await podNames(runtime, signal)
    const pods = stats.map(({attributes}) => [attributes?.id ?? '', labelled(attributes?.labels) ?? known.get(attributes?.id ?? '') ?? NO_POD] as const)
    return {stats, pods: new Map(pods)}
  }
}

const NO_POD: PodName = {pod: '', namespace: ''}

function labelled(labels: ReadonlyMap<string, string> | undefined): PodName | undefined {
  const pod = labels?.get(POD_NAME)
  return pod === undefined ? undefined : {pod, namespace: labels?.get(POD_NAMESPACE) ?? ''}
}

async function podNames(runtime: CriConnection, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, PodName>> {
  const [containers, pods] = await Promise.all([listContainers(runtime, undefined, {signal}), listPods(runtime, undefined, {signal})])
  const names = new Map(pods.map(({id, metadata}) => [id, {pod: metadata?.name ?? '', namespace: metadata?.namespace ?? ''}]))
  return new Map(containers.map(({id, podSandboxId}) => [id, names.get(podSandboxId) ?? NO_POD]))
}

/** What the running containers used between two looks, the greediest first. */
export function topContainers(before: TopLook, after: TopLook, sort: SortKey): readonly TopContainer[] {
  const rows = containerUsage(before.stats, after.stats, false).map((usage) => ({...usage, ...(after.pods.get(usage.id) ?? NO_POD)}))
  return rows.toSorted((one, other) => amountOf(other, sort) - amountOf(one, sort))
}

function amountOf(usage: ContainerUsage, sort: SortKey): number {
  switch (sort) {
    case 'cpu':
      return usage.cpuPercent ?? -1
    case 'mem':
      return usage.memory
    case 'disk':
      return usage.disk
  }
}
