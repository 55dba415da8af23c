// SPDX-License-Identifier: Apache-2.0
import type {PlanInput} from './input.ts'

/** How a node gets to its target. */
export type Route =
  /** it is there, or nothing can be done: no kubelet, or one whose configuration another program writes */
  | {readonly kind: 'none'}
  /** the same runtime, with other settings. `gently`: containers live through it */
  | {readonly kind: 'in-place'; readonly gently: boolean}
  /**
   * another runtime. `early`: it has to be set up and started before images can be brought to it, while the old one runs
   */
  | {readonly kind: 'switch'; readonly early: boolean}

/** Decides by what the node runs on, and by whether a file of it has to change. */
export function routeOf({needs, target, generated, state}: PlanInput): Route {
  if (!state.kubelet || needs.from.generatedBy !== undefined || needs.kubelet.embedded !== undefined) return {kind: 'none'}
  if (needs.from.runtime !== target.name || !sameEndpoint(needs.from.endpoint?.value, target.endpoint)) {
    return {kind: 'switch', early: target.name !== 'cri-dockerd' && fromDocker(needs.from.runtime) && state.target !== 'serves-cri'}
  }
  if (generated.files.length === 0) return {kind: 'none'}
  return {kind: 'in-place', gently: !state.newContainers}
}

/** Whether containers of pods are Docker's. */
export function fromDocker(runtime: PlanInput['needs']['from']['runtime']): boolean {
  return runtime === 'dockershim' || runtime === 'cri-dockerd'
}

/** Unknown is the same: what the kubelet does not say is its default. */
function sameEndpoint(one: string | undefined, other: string): boolean {
  return one === undefined || socketPath(one) === socketPath(other)
}

/** `unix:///var/run/crio/crio.sock` → `/run/crio/crio.sock`: on every distribution with systemd /var/run is a link to /run. */
export function socketPath(endpoint: string): string {
  return endpoint.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/')
}
