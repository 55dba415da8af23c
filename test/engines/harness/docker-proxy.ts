// SPDX-License-Identifier: Apache-2.0
import {connect, createServer, type Socket} from 'node:net'
import {eventually} from './run.ts'

/** A way to dockerd that does not last: the archive of images that is asked for through it ends, or stops, in its middle. */
export interface DockerProxy {
  readonly socket: string
  /** waits until an archive has come to that place */
  readonly reached: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * @param bytes of an archive that pass
 * @param then `cut`: the connection ends there; `stall`: nothing more comes
 */
export async function startDockerProxy(docker: string, socket: string, bytes: number, then: 'cut' | 'stall'): Promise<DockerProxy> {
  const open = new Set<Socket>()
  let reached = false
  const server = createServer((client) => {
    const upstream = connect(docker)
    let left = Number.POSITIVE_INFINITY
    for (const one of [client, upstream]) {
      open.add(one)
      one.on('error', () => undefined)
      one.once('close', () => {
        client.destroy()
        upstream.destroy()
        open.delete(one)
      })
    }
    client.on('data', (chunk: Buffer) => {
      if (chunk.includes('GET /images/get')) left = bytes
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      const passed = chunk.subarray(0, Math.min(chunk.length, left))
      left -= passed.length
      if (passed.length > 0 && !client.write(passed)) {
        upstream.pause()
        client.once('drain', () => upstream.resume())
      }
      if (left > 0) return
      reached = true
      if (then === 'cut') client.end()
      else upstream.pause()
    })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    socket,
    reached: () => eventually(60_000, () => {
      if (!reached) throw new Error('no archive came so far')
    }),
    stop: async () => {
      for (const one of open) one.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
