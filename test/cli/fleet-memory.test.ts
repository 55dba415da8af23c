// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {afterAll, expect, test} from 'vitest'
import type {FleetReport} from '../../src/model/fleet.ts'
import {startApiServer} from '../support/api-server.ts'
import {manyNodeObjects, manyReports} from '../support/fleet.ts'
import {ROOT} from '../support/node.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-fleet-memory-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** The report of a cluster of that size, made by a process of its own, and its peak of memory. */
async function reportOf(nodes: number): Promise<{readonly report: FleetReport; readonly peakMiB: number}> {
  const server = await startApiServer({lists: [manyReports(nodes), manyNodeObjects(nodes)]})
  const kubeconfig = join(folder, `config-${nodes}`)
  writeFileSync(kubeconfig, server.kubeconfig())
  try {
    const child = spawn(process.execPath, ['--import', join(ROOT, 'test/support/report-peak.js'), join(ROOT, 'bin/dev.js'), 'fleet', 'report', '--kubeconfig', kubeconfig, '-o', 'json'], {stdio: ['ignore', 'pipe', 'inherit', 'pipe']})
    const [stdout, peak] = await Promise.all([text(child.stdout as Readable), text(child.stdio[3] as Readable), once(child, 'exit')])
    return {report: JSON.parse(stdout) as FleetReport, peakMiB: Number(peak) / 1024}
  } finally {
    await server.close()
  }
}

test('reports on 5,000 nodes in far less than ten times the memory that 500 take', {timeout: 120_000}, async () => {
  const small = await reportOf(500)
  const large = await reportOf(5000)
  expect([small.report.nodes.length, large.report.nodes.length]).toEqual([500, 5000])
  expect(large.report.findings.map(({nodes}) => nodes.length)).toEqual(Array(20).fill(5000))
  expect(large.report.silent).toEqual([])
  expect(large.peakMiB).toBeLessThan(1.6 * small.peakMiB)
  process.stdout.write(`peak memory: ${small.peakMiB.toFixed(0)} MiB at 500 nodes, ${large.peakMiB.toFixed(0)} MiB at 5,000\n`)
})
