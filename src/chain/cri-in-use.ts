// SPDX-License-Identifier: Apache-2.0
import type {CriEndpointFacts} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {canonical, socketPath} from './socket-index.ts'
import type {World} from './world.ts'

/**
 * The CRI endpoints that somebody uses: a kubelet of the same machine is told to, or pods are behind it. containerd
 * serves the CRI whether anybody asks or not, also where it is there for Docker alone; what that plugin says of
 * handlers, cgroup drivers and a missing network concerns no one.
 */
export function criInUse(world: World): readonly CriEndpointFacts[] {
  return world.facts.criEndpoints.filter(({address, inside, answer}) => {
    const told = world.facts.kubelets.some(({pid, endpoints}) => {
      const path = socketPath(endpoints[0]?.value ?? '')
      return world.inside(pid) === inside && path !== undefined && canonical(path) === canonical(address)
    })
    return told || (valueOf(answer)?.pods.length ?? 0) > 0
  })
}
