// SPDX-License-Identifier: Apache-2.0
import type {FleetNode} from '../../model/fleet.ts'

const NUMBERS = ['blocker', 'high', 'medium', 'low'] as const

/**
 * Nodes in the order in which to migrate them:
 *
 * 1. those that run on the target already come last: there is nothing to do;
 * 2. workers before the control plane: a worker that fails takes its pods along, a control plane all decisions;
 * 3. nodes of a pool together, as what is learned at one holds for the others; pools by what is in the way of their worst node, then
 *    the one with fewer pods first: there is less at stake;
 * 4. in a pool the easiest first: fewest blockers, high, medium, low findings, open questions, pods; then by name.
 *
 * What docs/fleet.md says of the order has to say this.
 */
export function inOrder(nodes: readonly FleetNode[]): readonly FleetNode[] {
  const pools = [...Map.groupBy(nodes, stretchOf).values()].map((those) => ({
    first: those[0]!,
    worst: NUMBERS.map((severity) => those.reduce((most, {counts}) => Math.max(most, counts[severity]), 0)),
    pods: those.reduce((sum, {pods}) => sum + pods, 0),
    nodes: those.toSorted(byEase),
  }))
  return pools.toSorted((a, b) =>
    Number(a.first.onTarget) - Number(b.first.onTarget)
    || Number(a.first.controlPlane) - Number(b.first.controlPlane)
    || compareLists(a.worst, b.worst) || a.pods - b.pods || compareTexts(a.first.pool, b.first.pool)).flatMap((pool) => pool.nodes)
}

/** What stays together. */
function stretchOf({onTarget, controlPlane, pool}: FleetNode): string {
  return JSON.stringify([onTarget, controlPlane, pool])
}

function byEase(a: FleetNode, b: FleetNode): number {
  return compareLists(NUMBERS.map((severity) => a.counts[severity]), NUMBERS.map((severity) => b.counts[severity]))
    || a.undecided - b.undecided || a.pods - b.pods || compareTexts(a.name, b.name)
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
