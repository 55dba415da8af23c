// SPDX-License-Identifier: Apache-2.0
// The registries of the lab, each under its name; prints a line when they are ready, then one for each request: `HOST METHOD PATH STATUS`.
// Run in the node's network namespace: node registries.ts ARCHIVE
import {createServer, request, type RequestListener, type Server} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import {startRegistry} from '../../engines/harness/registry.ts'
import {CERT, KEY} from '../../unit/streaming/tls-fixture.ts'

const registry = await startRegistry(process.argv[2] ?? '')

function front(host: string): RequestListener {
  return (asked, answer) => {
    const {url = '/', method = 'GET', headers} = asked
    const forwarded = request(`http://${registry.host}${url}`, {method, headers}, (response) => {
      process.stdout.write(`${host} ${method} ${url} ${response.statusCode}\n`)
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    asked.pipe(forwarded)
  }
}

async function listen(server: Server, port: number, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve))
}

await listen(createServer(front('mirror.lab.example')), 80, '198.51.100.20')
await listen(createServer(front('plain.lab.example:5000')), 5000, '198.51.100.21')
await listen(createTlsServer({cert: CERT, key: KEY}, front('selfsigned.lab.example:5443')), 5443, '198.51.100.22')
process.stdout.write('ready\n')
