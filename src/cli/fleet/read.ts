// SPDX-License-Identifier: Apache-2.0
import {Fleet, type FleetQuestion} from '../../app/fleet/fleet.ts'
import type {FleetReport} from '../../model/fleet.ts'
import {progressOn} from '../progress.ts'
import {type FleetFlags, fleetOptions} from './flags.ts'

type Options = Pick<FleetQuestion, 'rtctlVersion' | 'maxAgeMs'>

/**
 * The report of a cluster, as of now. What cannot be read on the way is a gap of the report.
 *
 * @throws UserError where there is no cluster that can be asked
 */
export async function reportOfCluster(flags: FleetFlags, options: Options): Promise<FleetReport> {
  const {openFleetCluster} = await import('../../cluster/fleet.ts')
  const {clusterItems} = await import('./cluster-items.ts')
  const cluster = await openFleetCluster(fleetOptions(flags))
  const progress = progressOn(process.stderr)
  try {
    const fleet = new Fleet()
    for await (const item of clusterItems(cluster, flags.namespace, (text) => progress.say(text))) fleet.add(item)
    return fleet.report({...options, cluster: cluster.about, nowMs: Date.now()})
  } finally {
    progress.end()
    cluster.close()
  }
}

/**
 * The report of a collection, as of the day when it was made.
 *
 * @throws UserError where there is none
 */
export async function reportOfFiles(path: string, options: Options): Promise<FleetReport> {
  const {readCollection} = await import('./collection-reader.ts')
  const collection = readCollection(path)
  const fleet = new Fleet()
  for await (const item of collection.items) fleet.add(item)
  const {time, cluster} = collection.about()
  return fleet.report({...options, cluster, nowMs: Date.parse(time)})
}
