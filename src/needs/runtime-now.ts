// SPDX-License-Identifier: Apache-2.0
import {endpointOf, isOnDockershim, socketPath} from '../checks/lib/kubelet.ts'
import type {ContainerdFacts, CrioFacts, DockerFacts, Facts, KubeletFacts} from '../model/facts.ts'
import type {Origin} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'

interface Engines {
  readonly facts: Facts
  readonly kubelet: KubeletFacts | undefined
  readonly docker: DockerFacts | undefined
  readonly containerd: ContainerdFacts | undefined
  readonly crio: CrioFacts | undefined
}

/**
 * What pods run in: the dockershim inside of the kubelet, else whoever answers at its endpoint, else what the name of the endpoint says.
 * Without a kubelet, what a kubelet would find: an engine that runs before one that does not, Docker before the containerd below it.
 */
export function runtimeNow(engines: Engines): Origin['runtime'] {
  const {kubelet} = engines
  if (kubelet !== undefined && isOnDockershim(kubelet)) return 'dockershim'
  return atEndpoint(engines) ?? installed(engines)
}

function atEndpoint({facts, kubelet, containerd, crio}: Engines): Origin['runtime'] | undefined {
  const socket = kubelet && endpointOf(kubelet)
  if (socket === undefined) return undefined
  const answer = valueOf(facts.criEndpoints.find(({address, inside}) => inside === undefined && socketPath(address) === socket)?.answer)
  const said = answer?.runtimeName
  if (said === 'docker') return 'cri-dockerd'
  if (said === 'containerd' || said === 'cri-o') return said
  if (/docker(?!\/containerd)/.test(socket)) return 'cri-dockerd'
  if (/crio/.test(socket) || socketPath(crio?.address.value ?? '') === socket) return 'cri-o'
  if (/containerd/.test(socket) || socketPath(containerd?.address.value ?? '') === socket) return 'containerd'
  return undefined
}

function installed({docker, containerd, crio}: Engines): Origin['runtime'] {
  const there = [['dockershim', docker], ['cri-o', crio], ['containerd', containerd]] as const
  const found = there.find(([, engine]) => engine?.pid !== undefined) ?? there.find(([, engine]) => engine !== undefined)
  return found?.[0] ?? 'none'
}
