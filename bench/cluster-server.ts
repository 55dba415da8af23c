// SPDX-License-Identifier: Apache-2.0
// `node cluster-server.ts NODES PODS`: a simulated API server that prints its kubeconfig, and answers until it is killed.
import {startApiServer, withEmpty} from '../test/support/api-server.ts'
import {healthyNodes, manyPods} from '../test/support/api-server-objects.ts'

const [nodes = 0, pods = 0] = process.argv.slice(2).map(Number)
const server = await startApiServer({lists: withEmpty([healthyNodes(nodes), manyPods(pods, '/srv/data')])})
process.stdout.write(server.kubeconfig())
