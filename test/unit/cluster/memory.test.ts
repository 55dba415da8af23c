// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {afterAll, expect, test} from 'vitest'
import {startApiServer, withEmpty} from '../../support/api-server.ts'
import {manyNodes, manyPods} from '../../support/api-server-objects.ts'
import {ROOT} from '../../support/node.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-cluster-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

interface Reading {
  readonly counts: Readonly<Record<string, number>>
  readonly peakMiB: number
}

/** Reads a cluster of that size in a process of its own. */
async function reading(nodes: number, pods: number): Promise<Reading> {
  const server = await startApiServer({lists: withEmpty([manyNodes(nodes), manyPods(pods)])})
  const kubeconfig = join(folder, `config-${pods}`)
  writeFileSync(kubeconfig, server.kubeconfig())
  try {
    const child = spawn('node', [join(ROOT, 'test/support/read-cluster-child.ts')], {env: {...process.env, KUBECONFIG: kubeconfig}, stdio: ['ignore', 'pipe', 'inherit']})
    return JSON.parse(await text(child.stdout)) as Reading
  } finally {
    await server.close()
  }
}

test('reads 5,000 nodes and 100,000 pods in about the memory that a tenth of them takes', {timeout: 60_000}, async () => {
  const small = await reading(500, 10_000)
  const large = await reading(5000, 100_000)
  // One in ten belongs to nobody; of each owner that is not read, one is.
  expect(small.counts).toEqual({Node: 500, Pod: 1000 + 500})
  expect(large.counts).toEqual({Node: 5000, Pod: 10_000 + 5000})
  expect(large.peakMiB).toBeLessThan(1.3 * small.peakMiB)
  expect(large.peakMiB).toBeLessThan(320)
  process.stdout.write(`peak memory: ${small.peakMiB.toFixed(0)} MiB at 10,000 pods, ${large.peakMiB.toFixed(0)} MiB at 100,000\n`)
})
