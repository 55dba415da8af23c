// SPDX-License-Identifier: Apache-2.0
import {type ClusterChoice, lazyNode} from '../../migrate/live/cluster.ts'
import {liveMachine} from '../../migrate/live/machine.ts'
import type {Machine} from '../../migrate/machine.ts'
import {nodeNameOf} from '../../migrate/status.ts'
import type {MigrationEvent} from '../../model/migration/report.ts'
import type {Plan} from '../../model/migration/plan.ts'

/** What every use case that changes a node needs of who calls it. */
export interface Acting {
  /** undefined: the cluster is not asked */
  readonly cluster?: ClusterChoice | undefined
  tell(event: MigrationEvent): void
}

/** Works on this machine, as a node of its cluster where one is known; connections are closed then. */
export async function onMachine<T>(plan: Plan | undefined, {cluster}: Pick<Acting, 'cluster'>, work: (machine: Machine) => Promise<T>): Promise<T> {
  const node = cluster === undefined || plan === undefined ? undefined : lazyNode(cluster, nodeNameOf(plan))
  try {
    return await work(liveMachine(node))
  } finally {
    node?.close()
  }
}

/** Steps that only the cluster can do, and those that also belong to draining. */
const OF_CLUSTER: ReadonlySet<string> = new Set(['wait-node', 'annotate-node'])
const OF_DRAINING: ReadonlySet<string> = new Set(['cordon', 'drain', 'uncordon'])

/** Why steps are left out that drain the node, in the journal. */
export const NO_DRAIN = '--no-drain'

export interface Choice {
  readonly noDrain: boolean
  readonly skipPhases: readonly string[]
}

/** Why a step is left out; undefined: it is done. */
export function skipFor({noDrain, skipPhases}: Choice, hasCluster: boolean): (step: Plan['steps'][number]) => string | undefined {
  return ({phase, action}) => {
    if (skipPhases.includes(phase)) return `--skip-phase ${phase}`
    if (noDrain && OF_DRAINING.has(action.kind)) return NO_DRAIN
    return noDrain && !hasCluster && OF_CLUSTER.has(action.kind) ? 'there is no kubeconfig' : undefined
  }
}
