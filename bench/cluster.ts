// SPDX-License-Identifier: Apache-2.0
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {inTurn, median, peakMemory, type Command} from './measure.ts'
import {COLUMNS, type Part, row, say, table} from './part.ts'

const ROUNDS = 3
const SERVER = join(import.meta.dirname, 'cluster-server.ts')

interface Size {
  readonly nodes: number
  readonly pods: number
}
const SMALL: Size = {nodes: 500, pods: 10_000}
const LARGE: Size = {nodes: 5000, pods: 100_000}

type Rtctl = (...args: readonly string[]) => Command

/** `rtctl preflight --cluster` on simulated API servers: what a cluster costs, and that ten times its size does not take more memory. */
export async function measureCluster(rtctl: Rtctl): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-cluster-'))
  const servers = [await startServer(folder, SMALL), await startServer(folder, LARGE)]
  try {
    say('measuring clusters')
    const [small, large] = servers.map(({kubeconfig}) => rtctl('preflight', '--cluster', '--kubeconfig', kubeconfig, '--fail-on', 'never', '-o', 'prometheus')) as [Command, Command]
    const costs = inTurn({small, large}, ROUNDS)
    const [smallPeak, largePeak] = [peakMemory(small, ROUNDS), peakMemory(large, ROUNDS)]
    const seconds = median(costs.large.map(({wall}) => wall)) / 1000
    return {
      goals: [{
        text: `\`rtctl preflight --cluster\` of ${nameOf(LARGE)}, memory against ${nameOf(SMALL)}`, goal: 'at most 1.3 ×',
        measured: `${(largePeak / smallPeak).toFixed(2)} × (${seconds.toFixed(1)} s)`, met: largePeak <= 1.3 * smallPeak,
      }],
      text: table(COLUMNS, [row(nameOf(SMALL), costs.small, smallPeak), row(nameOf(LARGE), costs.large, largePeak)]),
    }
  } finally {
    for (const {child} of servers) child.kill()
    rmSync(folder, {recursive: true, force: true})
  }
}

function nameOf({nodes, pods}: Size): string {
  return `${nodes.toLocaleString('en')} nodes, ${pods.toLocaleString('en')} pods`
}

/** In a process of its own: the measured command is waited for without a break. */
async function startServer(folder: string, {nodes, pods}: Size): Promise<{readonly child: ChildProcess; readonly kubeconfig: string}> {
  const child = spawn(process.execPath, [SERVER, String(nodes), String(pods)], {stdio: ['ignore', 'pipe', 'inherit']})
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const kubeconfig = join(folder, `config-${pods}`)
  writeFileSync(kubeconfig, text)
  return {child, kubeconfig}
}
