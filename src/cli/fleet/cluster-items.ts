// SPDX-License-Identifier: Apache-2.0
import {clusterNodeOf} from '../../app/fleet/cluster-node.ts'
import {itemOf, REPORT_SELECTOR} from '../../app/fleet/config-map.ts'
import {expectLongList} from '../../app/long-lists.ts'
import type {FleetCluster} from '../../cluster/fleet.ts'
import type {FleetItem} from '../../model/fleet.ts'

/**
 * Everything that a cluster knows of its fleet: first reports, then nodes. The other way round, a node that comes in between would
 * have a report and not be there.
 */
export async function* clusterItems(cluster: FleetCluster, namespace: string, progress: (text: string) => void): AsyncGenerator<FleetItem> {
  expectLongList()
  let count = 0
  for await (const read of cluster.configMaps(namespace, REPORT_SELECTOR)) {
    yield read.kind === 'gap' ? read : itemOf(read.value)
    if (++count % 50 === 0) progress(`${count} reports`)
  }
  let complete = true
  for await (const read of cluster.nodes()) {
    if (read.kind === 'gap') {
      complete = false
      yield read
    } else {
      const node = clusterNodeOf(read.value)
      if (node !== undefined) yield {kind: 'node', node}
    }
  }
  if (complete) yield {kind: 'all-nodes'}
}
