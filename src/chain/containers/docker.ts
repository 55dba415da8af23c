// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer, DockerFacts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import type {World} from '../world.ts'
import {type Draft, type Open, podOf} from './entry.ts'
import {claimPid} from './first-process.ts'

/** What dockerd keeps on disk of its containers, or answers where the disk could not be read. */
export function addDocker(world: World, docker: DockerFacts, index: number, open: Open): void {
  const place = world.inside(docker.pid)
  const onDisk = valueOf(docker.containers)
  for (const row of onDisk ?? valueOf(docker.api)?.containers ?? []) {
    const {draft} = open(row.id, place, {kind: 'docker', index})
    describeDocker(draft, row)
    draft.evidence.push(
      onDisk
        ? {kind: 'disk', source: row.source, text: `Docker keeps container ${row.name}`}
        : {kind: 'reported', by: 'docker', source: row.source, text: `container ${row.name}, ${row.state}`},
    )
    if (row.pid && (row.state === 'running' || row.state === 'paused')) claimPid(world, draft, place, row.pid)
  }
}

function describeDocker(draft: Draft, row: DockerContainer): void {
  const {labels} = row
  const pod = labels['io.kubernetes.pod.name']
  Object.assign(draft, {engine: 'docker', engineNamespace: 'moby', state: row.state, ports: row.ports})
  draft.name = labels['io.kubernetes.container.name'] ?? row.name
  if (pod !== undefined) {
    const sandbox = labels['io.kubernetes.docker.type'] === 'podsandbox'
    if (sandbox) draft.kind = 'sandbox'
    draft.pod = podOf(pod, labels['io.kubernetes.pod.namespace'], labels['io.kubernetes.pod.uid'], sandbox ? row.id : labels['io.kubernetes.sandbox.id'])
  }
  if (row.image !== undefined) draft.image = row.image
  if (row.logDriver !== undefined) draft.log = {driver: row.logDriver, ...(row.logPath ? {path: row.logPath} : {})}
  if (row.runtime !== undefined) {
    draft.runtime = {name: plainRuntime(row.runtime), evidence: {kind: 'disk', source: row.source, text: `runtime ${row.runtime}`}}
  }
}

/** Docker writes `io.containerd.runc.v2` for what everyone else calls runc. */
function plainRuntime(name: string): string {
  return /^io\.containerd\.([a-z-]+)\.v\d+$/.exec(name)?.[1] ?? name
}
