// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import {collectFacts} from '../../probes/collect.ts'
import type {Endpoint} from './endpoint.ts'
import {foundEndpoints, pickEndpoint} from './endpoint.ts'

/**
 * The CRI endpoint that the kubelet of a host uses, or the only one that answers there.
 *
 * @throws UserError when there is none, or more than one to choose from
 */
export async function discoverEndpoint(host: Host): Promise<Endpoint> {
  return pickEndpoint(foundEndpoints(await collectFacts(host)))
}
