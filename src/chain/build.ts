// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../model/facts.ts'
import type {Chain, RuntimeChain} from '../model/chain.ts'
import {findBeside} from './beside.ts'
import {collectContainers} from './containers.ts'
import {openDraft, type Route} from './draft.ts'
import {engineRoutes} from './engine-routes.ts'
import {findGaps} from './gaps.ts'
import {kubernetesRoutes} from './kubernetes.ts'
import {finishRoute} from './leaves.ts'
import {nestedMachines} from './nested.ts'
import {findOddities} from './oddities.ts'
import {findOrphans} from './orphans.ts'
import type {PlacedContainer} from './placed-container.ts'
import {summarize} from './summary.ts'
import {indexFacts} from './world.ts'

/** Builds the graph of the real runtime chain from what the probes saw. Pure: the same facts give the same chain. */
export function buildChain(facts: Facts): RuntimeChain {
  const world = indexFacts(facts)
  const draft = openDraft()
  const placed = collectContainers(world)
  const kubernetes = deal(kubernetesRoutes(world, draft), placed)
  const engines = deal(engineRoutes(world, draft, kubernetes.left), kubernetes.left)
  const chains: readonly Chain[] = [...kubernetes.dealt, ...engines.dealt].map(([route, own]) => finishRoute(world, draft, route, own))
  return {
    nodes: draft.nodes(),
    edges: draft.edges(),
    chains,
    containers: placed.map(({container}) => container),
    nested: nestedMachines(world),
    orphans: findOrphans(world, placed, engines.left),
    oddities: findOddities(world, placed),
    gaps: findGaps(facts),
    summary: summarize(world, placed, draft.nodes()),
    beside: findBeside(world),
  }
}

/** Gives each container to the first route that owns it. */
function deal(routes: readonly Route[], placed: readonly PlacedContainer[]) {
  let left = placed
  const dealt = routes.map((route) => {
    const own = left.filter((one) => route.owns(one))
    left = left.filter((one) => !route.owns(one))
    return [route, own] as const
  })
  return {dealt, left}
}
