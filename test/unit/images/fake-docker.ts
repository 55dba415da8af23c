// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

export interface FakeDocker {
  readonly socket: string
  /** what was asked, path and query as they came */
  readonly asked: string[]
  readonly stop: () => Promise<void>
}

/** Something that listens where dockerd would. */
export async function fakeDocker(answer: (path: string, response: ServerResponse, request: IncomingMessage) => void): Promise<FakeDocker> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-docker-'))
  const socket = join(folder, 'docker.sock')
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request.url ?? '', response, request)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    socket, asked,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, {recursive: true})
    },
  }
}

/** An answer in JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value))
}
