// SPDX-License-Identifier: Apache-2.0
import type {ContainerState, CriEndpointFacts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {canonical} from '../socket-index.ts'
import type {World} from '../world.ts'
import {CRI_NAMESPACE, type Draft, type Entry, type Open, podOf} from './entry.ts'

/**
 * What the runtime says over CRI fills what the disk left open: names, images, states, and the containers that ended
 * or never started, of which containerd keeps no bundle.
 */
export function addCriAnswer(world: World, endpoint: CriEndpointFacts, entries: ReadonlyMap<string, Entry>, open: Open): void {
  const answer = valueOf(endpoint.answer)
  if (!answer) return
  const place = endpoint.inside
  const pods = new Map(answer.pods.map((pod) => [pod.id, pod]))
  const source = `CRI of ${answer.runtimeName}`
  const draftOf = (id: string, state: ContainerState): Draft | undefined =>
    entries.get(`${place ?? 'host'} ${id}`)?.draft ?? openUnseen(world, endpoint, id, state, open)
  for (const pod of answer.pods) {
    const draft = draftOf(pod.id, pod.ready ? 'unknown' : 'exited')
    if (!draft) continue
    draft.kind = 'sandbox'
    draft.pod ??= podOf(pod.name, pod.namespace, pod.uid, pod.id)
    draft.evidence.push({kind: 'reported', by: 'cri', source, text: `pod sandbox ${pod.namespace}/${pod.name}, ${pod.ready ? 'ready' : 'not ready'}`})
  }
  for (const row of answer.containers) {
    const draft = draftOf(row.id, row.state === 'running' ? 'unknown' : row.state)
    if (!draft) continue
    const pod = pods.get(row.podSandboxId)
    if (pod) draft.pod ??= podOf(pod.name, pod.namespace, pod.uid, pod.id)
    draft.name ??= row.name
    draft.image ??= row.image
    draft.evidence.push({kind: 'reported', by: 'cri', source, text: `container ${row.name}, ${row.state}`})
  }
}

/** Below Docker the disk has told of every container already. What CRI calls running but the disk does not know is racing. */
function openUnseen(world: World, {address, inside}: CriEndpointFacts, id: string, state: ContainerState, open: Open): Draft | undefined {
  const path = canonical(address)
  if (!world.facts.containerds.some((one) => world.inside(one.pid) === inside && canonical(one.address.value) === path)) return undefined
  const {draft} = open(id, inside, {kind: 'containerd', address: path, namespace: CRI_NAMESPACE})
  return Object.assign(draft, {engine: 'containerd' as const, engineNamespace: CRI_NAMESPACE, state, log: {driver: 'cri'}})
}
