// SPDX-License-Identifier: Apache-2.0
import {openConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import {version} from '../../cri/rpcs/runtime.ts'
import type {Host} from '../../model/host.ts'
import {findCriCandidates} from '../../probes/collect.ts'
import type {Endpoint, FoundEndpoint} from './endpoint.ts'
import {kubeletEndpoint, pickEndpoint} from './endpoint.ts'

/** How long a runtime may take to say its version, where there are several to choose from. */
const LIMIT_MS = 2000

/**
 * The CRI endpoint that the kubelet of a host uses, else the only one there is. Nested machines have endpoints of their own,
 * which are none of this host. Runtimes are asked only where more than one comes into question.
 *
 * @throws UserError when there is none, or more than one to choose from
 */
export async function discoverEndpoint(host: Host): Promise<Endpoint> {
  const {kubelets, candidates, withoutCri} = await findCriCandidates(host)
  const ofKubelet = kubeletEndpoint(kubelets.map(({pid, endpoint}) => ({text: endpoint.value, why: `the kubelet of this host, pid ${pid}: ${endpoint.source}`})))
  if (ofKubelet !== undefined) return ofKubelet
  const found = candidates.map(({address, reasons}): FoundEndpoint => ({path: address, reasons}))
  if (found.length <= 1) return pickEndpoint(found, withoutCri.map(({address, reasons}) => ({path: address, reasons})))
  const answers = await Promise.all(found.map(answersCri))
  return pickEndpoint(found.filter((_, index) => answers[index]), found)
}

async function answersCri({path}: FoundEndpoint): Promise<boolean> {
  try {
    const connection = openConnection({kind: 'unix', path}, {timeoutMs: LIMIT_MS, maxRetries: 0})
    try {
      await connection.call(version, {version: ''})
      return true
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof CriError) return false
    throw error
  }
}
