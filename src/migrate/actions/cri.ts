// SPDX-License-Identifier: Apache-2.0
import type {CriExpectation} from '../../model/migration/plan.ts'
import {type Handler, nothingToUndo, someOf, waitFor, withEach, withRuntime} from '../handler.ts'
import type {CriPod, CriRuntime, CriState, Machine} from '../machine.ts'
import {watchStarted} from '../units.ts'

const GRACE_SECONDS = 30
/** Most of stopping is waiting. */
const AT_ONCE = 64
/** A runtime that is being started for a rollback, or was restarted a moment ago. */
const ANSWER_MS = 30_000

export const removeCriPods: Handler<'remove-cri-pods'> = {
  undo: nothingToUndo,
  async perform({endpoint, keep = []}, machine, {signal}) {
    // A socket that is gone, of a runtime that never came up: there are no pods of it.
    if (machine.files.look(pathOf(endpoint)).type === 'absent') return 'the runtime is not there, and none of its pods'
    return withRuntime(machine, endpoint, async (runtime) => {
      const removed = (await podsOf(machine, runtime, signal)).filter(({id}) => !keep.includes(id))
      await withEach(removed, ({id}) => runtime.removePod(id, GRACE_SECONDS), AT_ONCE)
      return `${removed.length} pods`
    })
  },
  async verify({endpoint, keep = []}, machine) {
    if (machine.files.look(pathOf(endpoint)).type === 'absent') return
    const left = await withRuntime(machine, endpoint, async (runtime) => (await runtime.pods()).filter(({id}) => !keep.includes(id)))
    if (left.length > 0) throw new Error(`The runtime at ${endpoint} still has ${someOf(left.map(({namespace, name}) => `${namespace}/${name}`))}.`)
  },
}

/** @throws where the runtime does not answer for a while */
async function podsOf(machine: Machine, runtime: CriRuntime, signal: AbortSignal): Promise<readonly CriPod[]> {
  let pods: readonly CriPod[] = []
  await waitFor(machine, {timeoutMs: ANSWER_MS, everyMs: 500, signal}, async () => {
    pods = await runtime.pods()
    return undefined
  }, (missing) => `${missing}. Start that runtime, then do the same again.`)
  return pods
}

/** On every distribution with systemd /var/run is a link to /run. */
function pathOf(endpoint: string): string {
  return endpoint.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/')
}

/** From here on the kubelet may make pods in another runtime than before: these have to go again. */
export const waitCri: Handler<'wait-cri'> = {
  async undo({endpoint}, machine, {plan, signal}) {
    if (plan.from.endpoint !== undefined && pathOf(plan.from.endpoint.value) === pathOf(endpoint)) return []
    const pods = await withRuntime(machine, endpoint, (runtime) => podsOf(machine, runtime, signal)).catch(() => [])
    return [{kind: 'remove-cri-pods', endpoint, ...(pods.length > 0 && {keep: pods.map(({id}) => id)})}]
  },
  async perform({endpoint, expect}, machine, context) {
    const {signal, say} = context
    const watch = watchStarted(machine, context)
    return withRuntime(machine, endpoint, async (runtime) => {
      let version = ''
      await waitFor(machine, {timeoutMs: expect.timeoutSeconds * 1000, everyMs: 500, signal}, async () => {
        await watch()
        const state = await runtime.state()
        version = `${state.runtimeName} ${state.version}`
        const missing = wrongState(state, expect) ?? (await missingImage(runtime, expect))
        if (missing !== undefined) say(missing)
        return missing
      }, (missing) => `The runtime at ${endpoint} is not as it has to be after ${expect.timeoutSeconds} s: ${missing}`)
      return version
    })
  },
}

function wrongState(state: CriState, expect: CriExpectation): string | undefined {
  const {runtimeName, runtimeReady, networkReady, reasons, cgroupDriver} = state
  if (runtimeName !== expect.runtimeName) return `${runtimeName} answers there, not ${expect.runtimeName}`
  if (!runtimeReady || (expect.networkReady && !networkReady)) return reasons.join('; ') || 'it is not ready'
  if (expect.cgroupDriver !== undefined && cgroupDriver !== undefined && cgroupDriver !== expect.cgroupDriver) {
    return `its cgroup driver is ${cgroupDriver}, the kubelet's ${expect.cgroupDriver}`
  }
  return undefined
}

/** The kubelet removes what is not pinned when its disk is full; without the sandbox image no pod starts any more. */
async function missingImage(runtime: CriRuntime, {sandboxImage, images}: CriExpectation): Promise<string | undefined> {
  const names = [...(sandboxImage === undefined ? [] : [sandboxImage]), ...images]
  const missing: string[] = []
  for (const name of names) if ((await runtime.image(name)) === undefined) missing.push(name)
  return missing.length === 0 ? undefined : `it does not have ${someOf(missing)}`
}
