// SPDX-License-Identifier: Apache-2.0
import type {Action} from '../../model/migration/plan.ts'
import {clusterOf, type Handler, nothingToUndo, waitFor} from '../handler.ts'
import {watchStarted} from '../units.ts'

/** A node that comes back is reported within some 10 s; a rollback waits as long as a kubelet may take to start its pods. */
const BACK_SECONDS = 180

/** What ends a rollback: the node is well again, and only then takes pods. */
export const cordon: Handler<'cordon'> = {
  async undo({node}, machine) {
    const {ready, runtime, unschedulable} = await clusterOf(machine).node()
    const runtimePrefix = /^[\w.-]+(?=:\/\/)/.exec(runtime)?.[0]
    const back: readonly Action[] = ready && runtimePrefix !== undefined ? [{kind: 'wait-node', node, runtimePrefix, timeoutSeconds: BACK_SECONDS}] : []
    return unschedulable ? back : [...back, {kind: 'uncordon', node}]
  },
  async perform(_, machine) {
    const cluster = clusterOf(machine)
    if ((await cluster.node()).unschedulable) return 'it was cordoned already'
    await cluster.setUnschedulable(true)
    return undefined
  },
}

export const uncordon: Handler<'uncordon'> = {
  async undo({node}, machine) {
    return (await clusterOf(machine).node()).unschedulable ? [{kind: 'cordon', node}] : []
  },
  async perform(_, machine, {entries, plan}) {
    const step = plan.steps.find(({action}) => action.kind === 'cordon')
    const intent = entries.find((entry) => entry.kind === 'intent' && entry.step === step?.id)
    if (intent?.kind !== 'intent') return 'the migration has not cordoned it'
    if (!intent.undo.some(({kind}) => kind === 'uncordon')) return 'it was cordoned before the migration, and stays so'
    await clusterOf(machine).setUnschedulable(false)
    return undefined
  },
}

export const annotateNode: Handler<'annotate-node'> = {
  async undo({node, name}, machine) {
    const {annotations} = await clusterOf(machine).node()
    return [{kind: 'annotate-node', node, name, value: Object.hasOwn(annotations, name) ? annotations[name]! : null}]
  },
  async perform({name, value}, machine) {
    await clusterOf(machine).annotate(name, value)
    return undefined
  },
  async verify({name, value}, machine) {
    const {annotations} = await clusterOf(machine).node()
    if ((Object.hasOwn(annotations, name) ? annotations[name] : null) !== value) throw new Error(`The annotation ${name} is not what was written.`)
  },
}

/** The API server keeps what the kubelet said last: Ready alone would be true of a node whose kubelet was stopped a moment ago. */
export const waitNode: Handler<'wait-node'> = {
  undo: nothingToUndo,
  async perform({node, runtimePrefix, timeoutSeconds}, machine, context) {
    const {signal, say} = context
    const watch = watchStarted(machine, context)
    let runtime = ''
    await waitFor(machine, {timeoutMs: timeoutSeconds * 1000, everyMs: 1000, signal}, async () => {
      await watch()
      const state = await clusterOf(machine).node()
      runtime = state.runtime
      if (!state.runtime.startsWith(`${runtimePrefix}://`)) return `it still reports ${state.runtime === '' ? 'no runtime' : state.runtime}`
      if (state.ready) return undefined
      say('not Ready yet')
      return 'it is not Ready'
    }, (missing) => `Node ${node} is not Ready on ${runtimePrefix} after ${timeoutSeconds} s: ${missing}. See \`journalctl -u kubelet\`.`)
    return runtime
  },
}
