// SPDX-License-Identifier: Apache-2.0
import type {Evidence} from '../../model/chain.ts'
import type {ConmonFacts, CrioFacts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import type {Owner} from '../placed-container.ts'
import type {World} from '../world.ts'
import {type Open, podOf} from './entry.ts'
import {claimPid, firstProcesses} from './first-process.ts'

/** The bundles that CRI-O keeps of its containers. */
export function addCrio(world: World, crio: CrioFacts, index: number, open: Open): void {
  const place = world.inside(crio.pid)
  for (const bundle of valueOf(crio.bundles) ?? []) {
    const {annotations} = bundle
    const entry = open(bundle.id, place, {kind: 'cri-o', index})
    const note = (key: string): string | undefined => annotations[`io.kubernetes.cri-o.${key}`]
    const sandbox = note('ContainerType') === 'sandbox'
    Object.assign(entry.draft, {engine: 'cri-o', kind: sandbox ? 'sandbox' : 'container'})
    const pod = annotations['io.kubernetes.pod.name'] ?? note('KubeName')
    if (pod !== undefined) {
      entry.draft.pod = podOf(pod, annotations['io.kubernetes.pod.namespace'] ?? note('Namespace'), annotations['io.kubernetes.pod.uid'], note('SandboxID'))
    }
    const name = annotations['io.kubernetes.container.name'] ?? note('Name')
    const image = note('ImageName')
    const log = note('LogPath')
    if (name !== undefined) entry.draft.name = name
    if (image !== undefined) entry.draft.image = image
    if (log !== undefined) entry.draft.log = {driver: 'cri', path: log}
    if (bundle.cgroupsPath !== undefined) entry.draft.cgroup = {path: bundle.cgroupsPath, driver: 'unknown'}
    if (bundle.pid !== undefined) claimPid(world, entry.draft, place, bundle.pid)
    entry.draft.state = entry.draft.pid === undefined ? 'exited' : 'running'
    entry.draft.evidence.push({kind: 'disk', source: bundle.source, text: 'CRI-O keeps its bundle here'})
  }
}

/** A container as its conmon was told of it: what is left of it where the files cannot be read. */
export function addConmon(world: World, conmon: ConmonFacts, open: Open): void {
  if (conmon.id === undefined) return
  const place = world.inside(conmon.pid)
  const owner = ownerOfMonitor(world, conmon)
  const {draft} = open(conmon.id, place, owner)
  if (draft.engine === 'other' && owner.kind !== 'unknown') draft.engine = owner.kind
  if (conmon.name !== undefined) draft.name ??= conmon.name
  if (conmon.logPath !== undefined) draft.log ??= {driver: owner.kind === 'cri-o' ? 'cri' : 'k8s-file', path: conmon.logPath}
  draft.shimPid = conmon.pid
  const evidence: Evidence = {kind: 'argv', source: `argv of pid ${conmon.pid}`, text: `conmon -c ${conmon.id}`}
  draft.evidence.push(evidence)
  if (conmon.runtime !== undefined) draft.runtime = {name: conmon.runtime.split('/').at(-1) ?? conmon.runtime, evidence}
  const [child] = firstProcesses(world, conmon.pid)
  if (child) Object.assign(draft, {pid: child.pid, state: 'running'})
}

/** Whose a conmon is; one that does not say belongs to the CRI-O of its machine, if there is one. */
export function ownerOfMonitor(world: World, {pid, owner}: ConmonFacts): Owner {
  if (owner === 'podman') return {kind: 'podman'}
  const place = world.inside(pid)
  const running = world.facts.crios.findIndex((crio) => crio.pid !== undefined && world.inside(crio.pid) === place)
  const index = running >= 0 || owner === 'unknown' ? running : world.facts.crios.findIndex((crio) => world.inside(crio.pid) === place)
  return index >= 0 || owner === 'cri-o' ? {kind: 'cri-o', index} : {kind: 'unknown'}
}
