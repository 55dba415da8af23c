// SPDX-License-Identifier: Apache-2.0
// Run by node itself: reads the cluster of the kubeconfig in KUBECONFIG, and prints how much and at what peak of memory.
import {clusterOptions} from '../../src/cli/preflight/cluster-flags.ts'
import {openCluster} from '../../src/cluster/open-cluster.ts'

const cluster = await openCluster(clusterOptions({}))
const counts: Record<string, number> = {}
for await (const item of cluster.read()) {
  const kind = item.kind === 'object' ? item.object.ref.kind : item.kind
  counts[kind] = (counts[kind] ?? 0) + 1
}
process.stdout.write(JSON.stringify({counts, peakMiB: process.resourceUsage().maxRSS / 1024}))
