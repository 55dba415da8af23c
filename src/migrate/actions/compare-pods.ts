// SPDX-License-Identifier: Apache-2.0
import type {PodBefore} from '../../model/migration/journal.ts'
import {isOfPod} from '../docker-pods.ts'
import {isShimOfDocker} from '../docker-shims.ts'
import {type Context, type Handler, nothingToUndo, someOf, waitFor} from '../handler.ts'
import type {CriPod, Machine} from '../machine.ts'
import {watchStarted} from '../units.ts'

type Named = Pick<PodBefore, 'containers' | 'name' | 'namespace'>

export const comparePods: Handler<'compare-pods'> = {
  undo: nothingToUndo,
  async perform({endpoint, timeoutSeconds}, machine, context) {
    const before = podsBefore(context)
    const watch = watchStarted(machine, context)
    const runtime = machine.cri(endpoint)
    let count = 0
    try {
      await waitFor(machine, {timeoutMs: timeoutSeconds * 1000, everyMs: 1000, signal: context.signal}, async () => {
        await watch()
        const there = await runtime.pods()
        const wanted = await podsWanted(machine, before)
        const missing = wanted.filter((pod) => !runs(pod, there)).map(nameOf)
        count = wanted.length
        if (missing.length > 0) context.say(`${missing.length} of ${wanted.length} pods still missing`)
        return missing.length === 0 ? undefined : someOf(missing)
      }, (missing) => `Pods do not run in the new runtime after ${timeoutSeconds} s: ${missing}. See \`rtctl cri pods\` and \`journalctl -u kubelet\`.`)
    } finally {
      runtime.close()
    }
    await noneInTheOld(machine, context)
    return before === undefined ? `${count} pods; what ran before is not known` : `${count} pods`
  },
}

function podsBefore({entries}: Context): readonly PodBefore[] | undefined {
  const begin = entries[0]
  return begin?.kind === 'begin' ? begin.pods : undefined
}

/** What the cluster has on this node now, where it can be asked; else what ran before, none of which was evicted. */
async function podsWanted(machine: Machine, before: readonly PodBefore[] | undefined): Promise<readonly Named[]> {
  if (machine.cluster === undefined) return before ?? []
  const now = (await machine.cluster.pods()).filter(({terminating, phase}) => !terminating && phase !== 'Succeeded' && phase !== 'Failed')
  // Those of a DaemonSet have other names when they were made anew, and are among the pods of now.
  const stayed = (before ?? []).filter(({owner}) => owner === 'Node')
  const containersOf = new Map((before ?? []).map((pod) => [nameOf(pod), pod.containers]))
  // One that did not run before either does not have to run now.
  const running = now.filter((pod) => before === undefined || containersOf.has(nameOf(pod)) || pod.phase === 'Running')
    .map(({namespace, name}) => ({namespace, name, ...countOf(containersOf.get(nameOf({namespace, name})))}))
  return [...new Map([...running, ...stayed].map((pod) => [nameOf(pod), pod])).values()]
}

function countOf(containers: number | undefined): {readonly containers?: number} {
  return containers === undefined ? {} : {containers}
}

function nameOf({namespace, name}: Named): string {
  return `${namespace}/${name}`
}

function runs(pod: Named, there: readonly CriPod[]): boolean {
  return there.some((one) => one.namespace === pod.namespace && one.name === pod.name && one.ready && one.running >= Math.max(1, pod.containers ?? 1))
}

/** @throws where a pod runs in Docker as well: it would have its ports and volumes twice */
async function noneInTheOld(machine: Machine, {plan}: Context): Promise<void> {
  const {from, target} = plan
  if (target.name === 'cri-dockerd' || from.dockerSocket === undefined) return
  const containers = await machine.docker(from.dockerSocket).containers()
  if (containers !== undefined) {
    const left = containers.filter((container) => container.running && isOfPod(container)).map(({name}) => name)
    if (left.length > 0) throw new Error(`Docker still runs containers of pods: ${someOf(left)}.`)
    return
  }
  const shims = machine.processes().filter(({argv}) => isShimOfDocker(argv))
  if (shims.length > 0) throw new Error(`dockerd is stopped, and shims of its containers still run: pids ${someOf(shims.map(({pid}) => String(pid)))}.`)
}
