// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {PodSandbox} from '../../cri/gen/runtime/v1/list.ts'
import {PodSandboxState} from '../../cri/gen/runtime/v1/list.ts'
import {compilePattern} from './go-pattern.ts'
import {listPackedPods} from './lists.ts'
import type {Newest} from './newest.ts'
import {newest} from './newest.ts'
import type {Packed} from './packed.ts'
import {stateOf} from './states.ts'

/** Which pods to list; what is left out does not matter. */
export interface PodQuery extends Newest {
  /** or its beginning */
  readonly id?: string | undefined
  /** regular expression */
  readonly name?: string | undefined
  /** regular expression */
  readonly namespace?: string | undefined
  /** `ready` or `notready`, in any case */
  readonly state?: string | undefined
  readonly labels?: Map<string, string>
}

/**
 * The pods that a query asks for, the newest first. Id, state and labels are filtered by the runtime, names and
 * namespaces here, as crictl does; a pod without metadata is none to both.
 *
 * @throws UserError for a query that means nothing, before anything is asked
 */
export async function findPods(runtime: CriConnection, query: PodQuery): Promise<readonly PodSandbox[]> {
  return (await findPackedPods(runtime, query)).map((pod) => pod.unpack())
}

/** The same, for lists of any length. */
export async function findPackedPods(runtime: CriConnection, query: PodQuery): Promise<readonly Packed<PodSandbox>[]> {
  const name = compilePattern('--name', query.name)
  const namespace = compilePattern('--namespace', query.namespace)
  const filter = {
    id: query.id ?? '',
    state: stateOf(query.state, {ready: PodSandboxState.SANDBOX_READY, notready: PodSandboxState.SANDBOX_NOTREADY}),
    labelSelector: query.labels ?? new Map(),
  }
  const keep = ({metadata}: PodSandbox) => metadata !== undefined && name(metadata.name) && namespace(metadata.namespace)
  return newest(await listPackedPods(runtime, filter, keep), query)
}
