// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../../src/model/check.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {probeSockets} from '../../../../src/probes/node/sockets.ts'
import {exampleHost} from '../../../support/example-host.ts'

const row = (device: string, root: string, at: string) => `30 1 ${device} ${root} ${at} rw,relatime - tmpfs tmpfs rw`
const OWN = [row('0:90', '/', '/'), row('0:91', '/', '/proc')]

/** A node with a Docker whose socket lies at a path, and a container with these mounts beside its own. */
async function visible(socket: string, hostRows: readonly string[], rows: readonly string[]): Promise<readonly string[]> {
  const example: NodeExample = {
    processes: {
      1: {argv: ['/sbin/init'], files: {mountinfo: hostRows.join('\n')}},
      600: {argv: ['/usr/bin/dockerd', '-H', `unix://${socket}`]},
      1000: {argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', 'a', '-address', '/run/containerd/containerd.sock']},
      1020: {argv: ['/usr/bin/agent'], ppid: 1000, files: {mountinfo: [...OWN, ...rows].join('\n')}},
    },
    files: {[socket]: {socket: true}},
  }
  const host = exampleHost(example)
  const {visibleSockets} = await probeSockets(host, await collectFacts(host))
  return (valueOf(visibleSockets) ?? []).map(({pid, socket: path, at}) => `${pid} ${path} ${at}`)
}

const HOST = [row('0:60', '/', '/'), row('0:24', '/', '/run')]
const SOCKET = '/run/docker.sock'

describe('sockets that a container sees', () => {
  test.each([
    ['the socket itself', [row('0:24', '/docker.sock', '/var/run/docker.sock')], ['/var/run/docker.sock']],
    ['the folder it is in', [row('0:24', '/', '/host/run')], ['/host/run/docker.sock']],
    ['both', [row('0:24', '/', '/host/run'), row('0:24', '/docker.sock', '/d.sock')], ['/host/run/docker.sock', '/d.sock']],
    ['another file of its filesystem', [row('0:24', '/docker.sock.old', '/d.sock'), row('0:24', '/docker', '/docker')], []],
    ['the same place of another filesystem', [row('0:25', '/docker.sock', '/d.sock')], []],
    ['nothing of the host', [], []],
  ])('are found where it mounts %s', async (_, rows, places) => {
    expect(await visible(SOCKET, HOST, rows)).toEqual(places.map((at) => `1020 ${SOCKET} ${at}`))
  })

  test('are found far below what is mounted, and below a root that is a folder of a filesystem', async () => {
    const socket = '/srv/a/b/docker.sock'
    const host = [row('8:1', '/@root', '/')]
    expect(await visible(socket, host, [row('8:1', '/@root/srv/a', '/x')])).toEqual([`1020 ${socket} /x/b/docker.sock`])
    expect(await visible(socket, host, [row('8:1', '/@root', '/x')])).toEqual([`1020 ${socket} /x${socket}`])
    expect(await visible(socket, host, [row('8:1', '/srv/a', '/x')])).toEqual([])
  })

  test('are found at a path that the kernel does not write as it is', async () => {
    const socket = '/srv/my docker/docker.sock'
    expect(await visible(socket, [row('8:1', '/', '/')], [row('8:1', '/srv/my\\040docker', '/x')])).toEqual([`1020 ${socket} /x/docker.sock`])
  })
})
