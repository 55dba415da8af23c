// SPDX-License-Identifier: Apache-2.0
import {clusterOf, type Handler, nothingToUndo, someOf} from '../handler.ts'
import type {NodePod} from '../../cluster/node.ts'

const EVERY_MS = 1000
/** A PodDisruptionBudget that refused is asked again as often as kubectl does. */
const BLOCKED_MS = 5000

/**
 * Evicts what runs elsewhere afterwards. Pods of a DaemonSet would be made anew here, static pods cannot be evicted, and one without a
 * controller would be gone for good: the kubelet starts these again in the new runtime.
 */
export const drain: Handler<'drain'> = {
  undo: nothingToUndo,
  async perform({node, timeoutSeconds}, machine, {signal, say}) {
    const cluster = clusterOf(machine)
    const {clock} = machine
    const end = clock.now() + timeoutSeconds * 1000
    const asked = new Map<string, number>()
    let evicted = 0
    for (;;) {
      signal.throwIfAborted()
      const pods = await cluster.pods()
      const leaving = pods.filter(leaves)
      if (leaving.length === 0) return `${evicted} evicted, ${pods.filter(stays).length} stay`
      if (clock.now() >= end) throw new Error(tooSlow(node, timeoutSeconds, leaving, asked))
      say(`${leaving.length} pods to go`)
      for (const pod of leaving.filter(({terminating}) => !terminating)) {
        const name = `${pod.namespace}/${pod.name}`
        if ((asked.get(name) ?? 0) > clock.now()) continue
        const outcome = await cluster.evict(pod.namespace, pod.name)
        if (outcome === 'blocked') asked.set(name, clock.now() + BLOCKED_MS)
        else evicted++
      }
      await clock.sleep(EVERY_MS, signal)
    }
  },
}

function isOver({phase}: NodePod): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

function leaves(pod: NodePod): boolean {
  return pod.terminating ? pod.owner !== undefined && !stays(pod) : pod.owner !== undefined && !stays(pod) && !isOver(pod)
}

function stays({owner}: NodePod): boolean {
  return owner === undefined || owner === 'DaemonSet' || owner === 'Node'
}

function tooSlow(node: string, seconds: number, leaving: readonly NodePod[], blocked: ReadonlyMap<string, number>): string {
  const names = leaving.map(({namespace, name}) => `${namespace}/${name}`)
  const held = names.filter((name) => blocked.has(name))
  const why = held.length === 0 ? 'they do not end: look at their finalizers and grace periods' : `a PodDisruptionBudget holds ${someOf(held)}`
  return `Node ${node} is not drained after ${seconds} s: ${someOf(names)} still there; ${why}.`
}
