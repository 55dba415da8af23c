// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {canRunEngines} from '../test/engines/harness/can-run.ts'
import {startEngines, type Engines} from '../test/engines/harness/engines.ts'
import {busyboxImage} from '../test/engines/harness/images.ts'
import {inTurn, median, peakMemory, times, type Command, type Cost} from './measure.ts'
import {COLUMNS, type Goal, type Part, row, say, table} from './part.ts'

const ROUNDS = 15
const MEMORY_ROUNDS = 3
const INSPECTED = 200
const OUTPUT_MIB = 512
const LOG_MIB = 1024

type Rtctl = (...args: readonly string[]) => Command

/**
 * `rtctl cri` against Node.js, `tail`, and crictl where CRICTL names one: on a real containerd, on a server of this bench with
 * 10,000 containers, and on a log of 1 GiB.
 */
export async function measureCri(rtctl: Rtctl, bareNode: Command): Promise<Part> {
  const big = await measureBigAnswers(rtctl)
  const can = await canRunEngines()
  if (!can.ok) return {goals: big.goals, text: `${big.text}\nThe rest was not measured: no real engines, ${can.reason}.\n`}
  say(`starting ${INSPECTED} containers of the CRI`)
  const engines = await startEngines('trixie', {docker: false, cri: true})
  try {
    const real = await measureEngine(engines, rtctl, bareNode)
    return {goals: [...real.goals, ...big.goals], text: `${real.text}\n${big.text}`}
  } finally {
    const left = await engines.stop()
    if (left.length > 0) process.stderr.write(`left behind on this machine: ${left.join(', ')}\n`)
  }
}

async function measureEngine(engines: Engines, rtctl: Rtctl, bareNode: Command): Promise<Part> {
  const first = await engines.runPod({name: 'first', namespace: 'default', containers: [{name: 'only', image: `docker.io/${busyboxImage}`, command: ['sleep', '100000']}]})
  const start = inTurn({node: bareNode, ps: rtctl('cri', 'ps', '--runtime-endpoint', `unix://${engines.containerdSocket}`)}, ROUNDS * 2)
  const one = Object.values(first.containers)[0] ?? ''
  const containers = Array.from({length: INSPECTED}, (_, index) => (
    {name: `bench-${index}`, image: `docker.io/${busyboxImage}`, command: ['sleep', '100000']}
  ))
  const pod = await engines.runPod({name: 'bench', namespace: 'default', containers})
  const ids = Object.values(pod.containers)
  const endpoint = ['--runtime-endpoint', `unix://${engines.containerdSocket}`]
  const zeros = ['busybox', 'dd', 'if=/dev/zero', 'bs=1M', `count=${OUTPUT_MIB}`]
  const ours = (verb: string, ...rest: readonly string[]) => rtctl('cri', verb, ...endpoint, ...rest)
  const theirs = (...words: readonly string[]): Command | undefined => {
    const program = process.env['CRICTL']
    return program === undefined ? undefined : {program, args: ['--timeout', '30s', ...endpoint, ...words]}
  }
  say('measuring')
  const short = inTurn(present({node: bareNode, ps: ours('ps'), theirPs: theirs('ps')}), ROUNDS * 2)
  const long = inTurn(present({inspect: ours('inspect', ...ids), theirInspect: theirs('inspect', ...ids)}), ROUNDS)
  const output = inTurn(present({exec: ours('exec', one, ...zeros), theirExec: theirs('exec', one, ...zeros)}), 5)
  const [startUp, listing] = [times(start.node, start.ps), times(short['node'] ?? [], short['ps'] ?? [])]
  return {
    goals: [
      {text: '`rtctl cri ps` of one container, against `node -e 0`', goal: 'at most 3 ×', measured: `${startUp.toFixed(2)} ×`, met: startUp <= 3},
      {text: `the same of ${INSPECTED}`, goal: 'at most 3.5 ×', measured: `${listing.toFixed(2)} ×`, met: listing <= 3.5},
      ...againstCrictl(long['inspect'] ?? [], long['theirInspect']),
      throughput(output['exec'] ?? [], output['theirExec']),
    ],
    text: table(COLUMNS, [
      row('`node -e 0`', short['node'] ?? []),
      row('`rtctl cri ps`, one container', start.ps),
      row(`\`rtctl cri ps\`, ${INSPECTED} containers`, short['ps'] ?? []),
      ...(short['theirPs'] ? [row('`crictl ps`', short['theirPs'])] : []),
      row(`\`rtctl cri inspect\` of ${INSPECTED}`, long['inspect'] ?? []),
      ...(long['theirInspect'] ? [row(`\`crictl inspect\` of ${INSPECTED}`, long['theirInspect'])] : []),
      row(`\`rtctl cri exec\`, ${OUTPUT_MIB} MiB of output`, output['exec'] ?? []),
      ...(output['theirExec'] ? [row(`\`crictl exec\`, ${OUTPUT_MIB} MiB of output`, output['theirExec'])] : []),
    ]),
  }
}

function againstCrictl(ours: readonly Cost[], theirs: readonly Cost[] | undefined): readonly Goal[] {
  if (theirs === undefined) return []
  const faster = times(ours, theirs)
  return [{
    text: `\`rtctl cri inspect\` of ${INSPECTED} containers in one call, against crictl`, goal: 'faster', measured: `${faster.toFixed(1)} × faster`, met: faster > 1,
  }]
}

/** What the server itself can do is known from another client of it. */
function throughput(ours: readonly Cost[], theirs: readonly Cost[] | undefined): Goal {
  const rate = (costs: readonly Cost[]) => (OUTPUT_MIB * 1.048576) / (median(costs.map(({wall}) => wall)) / 1000)
  const [own, other] = [rate(ours), theirs && rate(theirs)]
  const beside = other === undefined ? '' : ` (crictl ${other.toFixed(0)} MB/s)`
  return {
    text: 'output of `rtctl cri exec`, with its start', goal: 'at least 100 MB/s or what the server gives',
    measured: `${own.toFixed(0)} MB/s${beside}`, met: own >= Math.min(100, other ?? 100),
  }
}

async function measureBigAnswers(rtctl: Rtctl): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-'))
  const [big, small, socket] = [join(folder, 'big.log'), join(folder, 'small.log'), join(folder, 'cri.sock')]
  say(`writing a log of ${LOG_MIB} MiB`)
  writeLog(big, LOG_MIB)
  writeFileSync(small, logLine(1).repeat(10))
  const server = spawn(process.execPath, [join(import.meta.dirname, 'cri-server.ts'), socket, big, small], {stdio: ['ignore', 'pipe', 'inherit']})
  try {
    await new Promise((resolve) => server.stdout.once('data', resolve))
    say('measuring')
    const ours = (verb: string, ...rest: readonly string[]) => rtctl('cri', verb, '--runtime-endpoint', `unix://${socket}`, ...rest)
    return compareBigAnswers({list: ours('ps', '-a'), whole: ours('logs', '--tail', '10', '0'), few: ours('logs', '--tail', '10', '1'), tail: {program: 'tail', args: ['-n', '10', big]}})
  } finally {
    server.kill()
    rmSync(folder, {recursive: true, force: true})
  }
}

function compareBigAnswers(commands: Readonly<Record<'list' | 'whole' | 'few' | 'tail', Command>>): Part {
  const costs = inTurn(commands, ROUNDS * 3)
  const listMemory = peakMemory(commands.list, MEMORY_ROUNDS)
  const [wholeMemory, fewMemory] = [peakMemory(commands.whole, MEMORY_ROUNDS), peakMemory(commands.few, MEMORY_ROUNDS)]
  // Of runs that were neighbours: what the long log takes longer is less than what the machine's load changes.
  const more = Math.max(0, median(costs.whole.map(({wall}, round) => wall - (costs.few[round]?.wall ?? NaN))))
  const tail = median(costs.tail.map(({wall}) => wall))
  return {
    goals: [
      {text: '`rtctl cri ps -a` of 10,000 containers, memory', goal: 'at most 100 MiB', measured: `${listMemory.toFixed(0)} MiB`, met: listMemory <= 100},
      {
        text: `\`rtctl cri logs --tail 10\` of ${LOG_MIB} MiB instead of 10 lines, against \`tail\` of the same file`, goal: 'within 2 ×',
        measured: `${more.toFixed(1)} ms more, tail ${tail.toFixed(1)} ms`, met: more <= 2 * tail,
      },
      {
        text: 'the same, memory', goal: 'constant', measured: `${wholeMemory.toFixed(0)} MiB, 10 lines ${fewMemory.toFixed(0)} MiB`, met: wholeMemory <= fewMemory * 1.05,
      },
    ],
    text: table(COLUMNS, [
      row('`rtctl cri ps -a`, 10,000 containers', costs.list, listMemory),
      row(`\`rtctl cri logs --tail 10\`, ${LOG_MIB} MiB`, costs.whole, wholeMemory),
      row('`rtctl cri logs --tail 10`, 10 lines', costs.few, fewMemory),
      row(`\`tail -n 10\`, ${LOG_MIB} MiB`, costs.tail),
    ]),
  }
}

function logLine(number: number): string {
  return `2026-01-01T00:00:00.${String(number).padStart(9, '0')}Z stdout F GET /items/${number} 200 ${'x'.repeat(80)}\n`
}

function writeLog(file: string, mebibytes: number): void {
  const piece = Buffer.from(Array.from({length: 8000}, (_, index) => logLine(index)).join(''))
  const handle = openSync(file, 'w')
  for (let written = 0; written < mebibytes * 2 ** 20; written += piece.length) writeSync(handle, piece)
  closeSync(handle)
}

/** Without those that are not there. */
function present(commands: Readonly<Record<string, Command | undefined>>): Readonly<Record<string, Command>> {
  return Object.fromEntries(Object.entries(commands).filter((entry): entry is [string, Command] => entry[1] !== undefined))
}
