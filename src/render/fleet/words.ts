// SPDX-License-Identifier: Apache-2.0
import type {FleetNode, FleetReport} from '../../model/fleet.ts'
import {plural} from '../preflight/words.ts'

const UNITS = [[86_400, 'd'], [3600, 'h'], [60, 'min']] as const

/** `3 d`, `6 h`, `45 s`: in the largest unit of which there are at least two. */
export function ageText(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds >= 2 * each) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}

/** `through dockershim`: that it is Kubernetes goes without saying where all of them are. */
export function runtimeText({runtime}: FleetNode): string {
  return runtime.replace(/^Kubernetes(?:, | )/, '')
}

/** `Kubernetes 1.24`; empty where no version is known that breaks it. */
export function breaksText({breaksAt}: FleetNode): string {
  return breaksAt === undefined ? '' : `${breaksAt.product} ${breaksAt.version}`
}

/** Nodes that are to be migrated together. */
export interface Stretch {
  readonly title: string
  readonly nodes: readonly FleetNode[]
}

/** The nodes of a report, in their order, those of a pool with a title: `Workers, pool blue`. */
export function stretchesOf({nodes}: FleetReport): readonly Stretch[] {
  const groups = Map.groupBy(nodes, ({onTarget, controlPlane, pool}) => JSON.stringify([onTarget, controlPlane, pool]))
  return [...groups.values()].flatMap((those) => {
    const [first] = those
    if (first === undefined) return []
    const who = first.controlPlane ? 'control plane' : 'workers'
    return [{title: `${first.onTarget ? 'on the target already: ' : ''}${who}, ${first.pool}`, nodes: those}]
  })
}

/** What was looked at and when. */
export function factsText({cluster, time, nodes, silent}: FleetReport): string {
  const version = cluster.version === undefined ? '' : ` (${cluster.version})`
  const goals = [...new Set(nodes.map(({goal}) => goal))]
  const goal = goals.length === 1 ? `; checked for ${goals[0]}` : ''
  return `Cluster ${cluster.context}${version} as of ${time}: ${plural(nodes.length, 'report')}, ${plural(silent.length, 'node')} without an answer${goal}`
}
