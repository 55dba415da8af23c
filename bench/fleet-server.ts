// SPDX-License-Identifier: Apache-2.0
// `node fleet-server.ts NODES`: a simulated API server with a report of each node, that prints its kubeconfig, and answers until it is killed.
import {startApiServer} from '../test/support/api-server.ts'
import {manyNodeObjects, manyReports} from '../test/support/fleet.ts'

const nodes = Number(process.argv[2])
const server = await startApiServer({lists: [manyReports(nodes), manyNodeObjects(nodes)]})
process.stdout.write(server.kubeconfig())
