// SPDX-License-Identifier: Apache-2.0
import {openFleetCluster} from '../../cluster/fleet.ts'
import {progressOn} from '../progress.ts'
import {clusterItems} from './cluster-items.ts'
import {writeCollection} from './collection-writer.ts'
import {type FleetFlags, fleetOptions} from './flags.ts'

/**
 * Writes what a cluster knows of its fleet, a page in memory at a time.
 *
 * @param path undefined: standard output
 * @throws UserError where there is no cluster that can be asked, or nothing can be written
 */
export async function collect(flags: FleetFlags, path: string | undefined, rtctl: string): Promise<{readonly reports: number; readonly nodes: number; readonly unreadable: number; readonly gaps: number}> {
  const cluster = await openFleetCluster(fleetOptions(flags))
  const progress = progressOn(process.stderr)
  try {
    const items = clusterItems(cluster, flags.namespace, (text) => progress.say(text))
    const {reports, collection} = await writeCollection(path, items, {rtctl, time: new Date().toISOString(), cluster: cluster.about})
    return {reports, nodes: collection.nodes.length, unreadable: collection.unreadable.length, gaps: collection.gaps.length}
  } finally {
    progress.end()
    cluster.close()
  }
}
