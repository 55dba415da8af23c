// SPDX-License-Identifier: Apache-2.0
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {inTurn, median, peakMemory, type Command} from './measure.ts'
import {COLUMNS, type Part, row, say, table} from './part.ts'

const ROUNDS = 3
const SERVER = join(import.meta.dirname, 'fleet-server.ts')
const [SMALL, LARGE] = [500, 5000]

type Rtctl = (...args: readonly string[]) => Command

/** `rtctl fleet report` on simulated API servers: what a fleet costs, and that ten times as many nodes do not take ten times the memory. */
export async function measureFleet(rtctl: Rtctl): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-fleet-'))
  const servers = [await startServer(folder, SMALL), await startServer(folder, LARGE)]
  try {
    say('measuring fleets')
    const [small, large] = servers.map(({kubeconfig}) => rtctl('fleet', 'report', '--kubeconfig', kubeconfig, '--fail-on', 'never', '-o', 'json')) as [Command, Command]
    const costs = inTurn({small, large}, ROUNDS)
    const [smallPeak, largePeak] = [peakMemory(small, ROUNDS), peakMemory(large, ROUNDS)]
    const seconds = median(costs.large.map(({wall}) => wall)) / 1000
    return {
      goals: [{
        text: `\`rtctl fleet report\` of ${nameOf(LARGE)} (reports of 100 kB), memory against ${nameOf(SMALL)}`, goal: 'at most 1.5 ×',
        measured: `${(largePeak / smallPeak).toFixed(2)} × (${seconds.toFixed(1)} s)`, met: largePeak <= 1.5 * smallPeak,
      }],
      text: table(COLUMNS, [row(nameOf(SMALL), costs.small, smallPeak), row(nameOf(LARGE), costs.large, largePeak)]),
    }
  } finally {
    for (const {child} of servers) child.kill()
    rmSync(folder, {recursive: true, force: true})
  }
}

function nameOf(nodes: number): string {
  return `${nodes.toLocaleString('en')} nodes`
}

/** In a process of its own: the measured command is waited for without a break. */
async function startServer(folder: string, nodes: number): Promise<{readonly child: ChildProcess; readonly kubeconfig: string}> {
  const child = spawn(process.execPath, [SERVER, String(nodes)], {stdio: ['ignore', 'pipe', 'inherit']})
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const kubeconfig = join(folder, `config-${nodes}`)
  writeFileSync(kubeconfig, text)
  return {child, kubeconfig}
}
