// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {NodeFacts} from '../../model/node-facts.ts'
import {probeContainerd} from './containerd.ts'
import {probeDocker} from './docker.ts'
import {probeHost} from './host.ts'
import {probeKubelet} from './kubelet.ts'
import {probeLogging} from './logging.ts'
import {probeNetwork} from './network.ts'
import {probeSockets} from './sockets.ts'
import {probeWorkloads} from './workloads.ts'

/**
 * Reads everything of a node that checks need beyond the facts of its chain. What cannot be read is in the facts as such; only
 * a bug throws.
 */
export async function collectNodeFacts(host: Host, facts: Facts): Promise<NodeFacts> {
  const topics = await Promise.all([
    probeContainerd(host, facts), probeDocker(host, facts), probeHost(host, facts), probeKubelet(host, facts),
    probeLogging(host, facts), probeNetwork(host, facts), probeSockets(host, facts), probeWorkloads(host, facts),
  ])
  return Object.assign({}, ...topics) as NodeFacts
}
