// SPDX-License-Identifier: Apache-2.0
import type {Remark} from '../model/migration/needs.ts'
import type {FileChange, Plan, PlannedStep} from '../model/migration/plan.ts'
import {interruptionsOf, irreversibleOf, ownRemarks} from './consequences.ts'
import {fileChanges} from './files.ts'
import {fingerprintOf} from './fingerprint.ts'
import type {PlanInput} from './input.ts'
import {fromDocker, type Route, routeOf} from './route.ts'
import {kubeletSteps, nodeSteps, podSteps} from './steps-after.ts'
import {containerSteps, drainSteps, imageSteps, stopKubeletSteps} from './steps-before.ts'
import {networkSteps, runtimeSteps, stopOldSteps, verifySteps} from './steps-runtime.ts'

/**
 * Everything that has to be done to bring a node to a target, as data, in the order that works. Pure: the same input gives the same plan.
 * A node that is there already gives one without steps.
 */
export function makePlan(input: PlanInput): Plan {
  const {needs, target, generated} = input
  const route = routeOf(input)
  const files = route.kind === 'none' ? [] : fileChanges(generated.files, input.files)
  const images = imageNames(input)
  const steps = stepsOf(input, route, files, images.names)
  const plan: Omit<Plan, 'fingerprint'> = {
    format: 'rtctl-plan/1', rtctl: input.rtctl, node: needs.node, made: input.made, from: needs.from, target, ...(input.asked !== undefined && {asked: input.asked}),
    rows: input.state.kubelet ? generated.rows : [], verdicts: input.state.kubelet ? needs.verdicts : [],
    remarks: remarksOf(input, route, images.digests),
    ...(input.gaps !== undefined && input.gaps.length > 0 && {gaps: input.gaps}),
    files, steps,
    interruptions: interruptionsOf(input, route, steps),
    irreversible: irreversibleOf(input, steps),
  }
  return {...plan, fingerprint: fingerprintOf(plan, input.redact)}
}

function stepsOf(input: PlanInput, route: Route, files: readonly FileChange[], images: readonly string[]): readonly PlannedStep[] {
  switch (route.kind) {
    case 'none':
      return []
    case 'in-place':
      return inPlace(input, route, files)
    case 'switch':
      return toAnother(input, route, files, images)
  }
}

/**
 * A runtime that does not run yet is set up first, while the old one still serves pods: images can be brought only to one that runs.
 * Else its files are written once Docker is gone.
 */
function toAnother(input: PlanInput, route: Route & {kind: 'switch'}, files: readonly FileChange[], images: readonly string[]): readonly PlannedStep[] {
  const runtime = runtimeSteps(input, files, route)
  return [
    ...drainSteps(input),
    ...stopKubeletSteps(input),
    ...(route.early ? runtime : []),
    ...imageSteps(input, images),
    ...containerSteps(input),
    ...stopOldSteps(input),
    ...networkSteps(input, files),
    ...(route.early ? [] : runtime),
    ...verifySteps(input, fromDocker(input.needs.from.runtime) && input.target.name !== 'cri-dockerd' ? images : []),
    ...kubeletSteps(input, files, 'started'),
    ...nodeSteps(input, true, true),
    ...podSteps(input),
  ]
}

/** Other settings of the runtime that is there. Its containers stay, unless they cannot live with what changes. */
function inPlace(input: PlanInput, route: Route & {kind: 'in-place'}, files: readonly FileChange[]): readonly PlannedStep[] {
  const runtime = runtimeSteps(input, files, route)
  const kubelet = !route.gently ? 'started' : files.some(({part}) => part === 'kubelet') ? 'restarted' : undefined
  const before = route.gently ? [] : [...drainSteps(input), ...stopKubeletSteps(input), ...containerSteps(input)]
  return [
    ...before,
    ...networkSteps(input, files),
    ...runtime,
    ...(runtime.length > 0 ? verifySteps(input, []) : []),
    ...kubeletSteps(input, files, kubelet),
    // Files that nobody of these reads change nothing of the node.
    ...(runtime.length > 0 || kubelet !== undefined ? [...nodeSteps(input, !route.gently, false), ...podSteps(input)] : []),
  ]
}

/** What stands for a name where the name is not known. */
const ID = /^(?:sha256:)?[0-9a-f]{12,64}$/

/** Images by the names that pods use, sorted, each once; those named by digest apart: Docker's export does not keep digests. */
function imageNames({needs}: PlanInput): {readonly names: readonly string[]; readonly digests: readonly string[]} {
  const all = [...new Set([...needs.images.map(({name}) => name), ...(needs.sandboxImage === undefined ? [] : [needs.sandboxImage.value])])].toSorted()
  const moves = fromDocker(needs.from.runtime)
  return {names: all.filter((name) => !name.includes('@') && !ID.test(name)), digests: moves ? all.filter((name) => name.includes('@')) : []}
}

function remarksOf(input: PlanInput, route: Route, digests: readonly string[]): readonly Remark[] {
  const {needs, generated, asked, remarks = []} = input
  // What stands in the way of a migration is no matter where there is none to do.
  const found = route.kind === 'none' ? remarks.filter(({id}) => id === undefined) : remarks
  // Where there is no node, that is all there is to say.
  const all = input.state.kubelet ? [...found, ...ownRemarks(input, route, digests), ...needs.remarks, ...generated.remarks] : needs.remarks
  // Advice that is taken already.
  return distinct(all.filter(({next = ''}) => asked?.keepDocker !== true || !next.includes('--keep-docker')))
}

/** Two parts of rtctl may find the same; the first one to tell it is enough. Blockers first, then losses. */
function distinct(remarks: readonly Remark[]): readonly Remark[] {
  const once = [...new Map(remarks.map((remark) => [JSON.stringify([remark.level, remark.text]), remark])).values()]
  const order = {blocker: 0, loss: 1, note: 2}
  return once.toSorted((a, b) => order[a.level] - order[b.level])
}
