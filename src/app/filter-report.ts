// SPDX-License-Identifier: Apache-2.0
import type {Container, InspectReport} from '../model/chain.ts'

export interface ContainerFilter {
  /** name of a pod */
  readonly pod?: string | undefined
  /** name of a container, or the beginning of its id */
  readonly container?: string | undefined
  /** Kubernetes namespace */
  readonly namespace?: string | undefined
}

/** Leaves only the containers that fit every given part, and the chains and loose ends that hold one. */
export function filterReport(report: InspectReport, filter: ContainerFilter): InspectReport {
  if (filter.pod === undefined && filter.container === undefined && filter.namespace === undefined) return report
  const {chain} = report
  const containers = chain.containers.filter((container) => fits(container, filter))
  const kept = new Set(containers.map(({id}) => id))
  return {
    ...report,
    chain: {
      ...chain,
      containers,
      chains: chain.chains
        .map((one) => ({...one, containers: one.containers.filter((id) => kept.has(id))}))
        .filter((one) => one.containers.length > 0),
      orphans: chain.orphans.filter((orphan) => orphan.containers.some((id) => kept.has(id))),
    },
  }
}

function fits({id, name, pod}: Container, filter: ContainerFilter): boolean {
  return (
    (filter.pod === undefined || pod?.name === filter.pod) &&
    (filter.namespace === undefined || pod?.namespace === filter.namespace) &&
    (filter.container === undefined || name === filter.container || (filter.container.length >= 4 && id.startsWith(filter.container)))
  )
}
