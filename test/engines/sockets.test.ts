// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {ChainEdge, RuntimeChain} from '../../src/model/chain.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {inspect, remarks} from './harness/inspect.ts'
import {outcomeOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'
import {runPods} from './harness/workload.ts'

/** A process under the kubelet's name with that endpoint: no Debian release has a kubelet, and its arguments are what counts. */
async function asKubelet<T>(engines: Engines, endpoint: string, look: () => Promise<T>): Promise<T> {
  const script = join(engines.directory, 'kubelet.cjs')
  writeFileSync(script, 'process.stdin.on("end", () => process.exit()).resume(); console.log("ready")')
  const kubelet = engines.spawn('kubelet', process.execPath, [script, `--container-runtime-endpoint=unix://${endpoint}`])
  const gone = new Promise(resolve => kubelet.once('exit', resolve))
  await new Promise(resolve => kubelet.stdout?.once('data', resolve))
  try {
    return await look()
  } finally {
    kubelet.stdin?.end()
    await gone
  }
}

/** The edges from a kubelet to the CRI plugin inside that containerd. */
function criEdges(chain: RuntimeChain, pid: number): readonly ChainEdge[] {
  const containerd = chain.nodes.find(({pids}) => pids.includes(pid))
  const plugin = chain.edges.find(({to, via}) => to === containerd?.id && via === 'in-process')?.from
  return chain.edges.filter(({to, via}) => to === plugin && via === 'cri-grpc')
}

describe('a CRI endpoint', () => {
  const engines = withEngines<Engines>(async started => {
    const mine = started(await startEngines('trixie', {docker: false, cri: true}))
    await runPods(mine)
    return mine
  })

  test('that a runtime serves is in use', async () => {
    const {report: {chain}} = await asKubelet(engines(), engines().containerdSocket, inspect)
    expect(criEdges(chain, engines().pid('containerd'))).toHaveLength(1)
    expect(chain.summary.criEndpoint?.configured).toContain(engines().containerdSocket)
    expect(chain.summary.criVersions).toContain('v1')
  })

  test('whose socket file outlived its daemon has no listener', async () => {
    const stale = join(engines().directory, 'stale.sock')
    const bind = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))'
    expect((await outcomeOf(process.execPath, ['--eval', bind, stale])).signal).toBe('SIGKILL')
    const {report} = await asKubelet(engines(), stale, inspect)
    expect(remarks(report, stale)).toContain('endpoint-without-listener')
    expect(report.chain.edges.filter(({address, status}) => address === stale && status === 'observed')).toEqual([])
  })

  test('that is a directory is told to be one', async () => {
    const directory = join(engines().directory, 'directory.sock')
    mkdirSync(directory)
    const {report} = await asKubelet(engines(), directory, inspect)
    expect(remarks(report, directory)).toContain('socket-is-a-directory')
  })

  test('that does not exist has no listener', async () => {
    const nowhere = join(engines().directory, 'nowhere.sock')
    const {report} = await asKubelet(engines(), nowhere, inspect)
    expect(remarks(report, nowhere)).toContain('endpoint-without-listener')
  })

  test('that was renamed after it was bound is matched to its listener', async () => {
    const renamed = join(engines().directory, 'renamed.sock')
    renameSync(engines().containerdSocket, renamed)
    try {
      const {report} = await asKubelet(engines(), renamed, inspect)
      expect(criEdges(report.chain, engines().pid('containerd')).map(({address}) => address)).toEqual([renamed])
      expect(remarks(report, renamed)).not.toContain('endpoint-without-listener')
    } finally {
      renameSync(renamed, engines().containerdSocket)
    }
  })
})
