// SPDX-License-Identifier: Apache-2.0
// `npm run bench`: measures the built rtctl against Node.js, against the shell commands it replaces, and on hosts of growing size.
// Prints tables and puts them into docs/performance.md.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, loadavg, release, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {canRunEngines} from '../test/engines/harness/can-run.ts'
import {measureCluster} from './cluster.ts'
import {measureCri} from './cri.ts'
import {CONTAINERS, startHundredContainers} from './hundred-containers.ts'
import {inTurn, median, peakMemory, times, type Command} from './measure.ts'
import {measureManifests} from './manifests.ts'
import {COLUMNS, type Part, row, say, table} from './part.ts'
import {writeSyntheticHost, type Size} from './synthetic-host.ts'

const ROOT = dirname(import.meta.dirname)
const DOCUMENT = join(ROOT, 'docs/performance.md')
const [BEGIN, END] = ['<!-- bench: begin -->\n', '<!-- bench: end -->\n']

const ROUNDS = 15
const MEMORY_ROUNDS = 5

const rtctl = (...args: readonly string[]): Command => ({program: process.execPath, args: [join(ROOT, 'bin/run.js'), ...args]})
const bareNode: Command = {program: process.execPath, args: ['-e', '0']}

const sizes: readonly Size[] = [
  {processes: 1000, containers: 100},
  {processes: 10_000, containers: 1000},
  {processes: 50_000, containers: 5000},
]

// ---------------------------------------------------------------- the parts

function measureStart(): Part {
  const costs = inTurn({node: bareNode, version: rtctl('--version'), help: rtctl('--help')}, 2 * ROUNDS)
  const ratio = times(costs.node, costs.version)
  return {
    goals: [{text: '`rtctl --version` against `node -e 0`', goal: 'at most 3 ×', measured: `${ratio.toFixed(1)} ×`, met: ratio <= 3}],
    text: table(COLUMNS, [
      row('`node -e 0`', costs.node),
      row('`rtctl --version`', costs.version),
      row('`rtctl --help`', costs.help),
    ]),
  }
}

async function measureContainers(): Promise<Part> {
  const can = await canRunEngines()
  if (!can.ok) return {goals: [], text: `Not measured: no real engines, ${can.reason}.\n`}
  say(`starting ${CONTAINERS} containers`)
  const engines = await startHundredContainers()
  try {
    checkReport(engines.ids)
    say('measuring')
    const inspect = rtctl('inspect')
    const preflight = rtctl('preflight', '--fail-on', 'never')
    const costs = inTurn({inspect, preflight, bare: engines.bare, whole: engines.whole}, ROUNDS)
    const memory = peakMemory(inspect, MEMORY_ROUNDS)
    const [faster, slower, checked] = [times(costs.inspect, costs.whole), times(costs.bare, costs.inspect), times(costs.inspect, costs.preflight)]
    return {
      goals: [
        {text: `\`rtctl inspect\` of ${CONTAINERS} containers, against all the shell commands it replaces`, goal: 'at least 5 × faster', measured: `${faster.toFixed(1)} × faster`, met: faster >= 5},
        {text: 'the same, against the least of them', goal: 'within 2 ×', measured: `${slower.toFixed(1)} ×`, met: slower <= 2},
        {text: '`rtctl preflight` of these, against `rtctl inspect`', goal: 'at most 1.3 ×', measured: `${checked.toFixed(2)} ×`, met: checked <= 1.3},
        {text: '`rtctl inspect` of these, memory', goal: 'at most 120 MiB', measured: `${memory.toFixed(0)} MiB`, met: memory <= 120},
      ],
      text: table(COLUMNS, [
        row('`rtctl inspect`', costs.inspect, memory),
        row('`rtctl preflight`', costs.preflight),
        row('the least: `ps auxf; ss -xlp; docker inspect` of all', costs.bare),
        row('all: these, `ss -xp`, `docker info`, `docker ps -a`, `ctr c ls`, `ctr t ls`, `ctr c info` of each', costs.whole),
      ]),
    }
  } finally {
    const left = await engines.stop()
    if (left.length > 0) process.stderr.write(`left behind on this machine: ${left.join(', ')}\n`)
  }
}

/** What is fast because it leaves something out does not count. */
function checkReport(ids: readonly string[]): void {
  const {program, args} = rtctl('inspect', '-o', 'json')
  const {stdout} = spawnSync(program, args, {encoding: 'utf8', maxBuffer: 2 ** 28})
  const known = new Map((JSON.parse(stdout) as {chain: {containers: {id: string; state: string}[]}}).chain.containers.map(({id, state}) => [id, state]))
  const missing = ids.filter((id) => known.get(id) !== 'running')
  if (missing.length > 0) throw new Error(`rtctl does not report ${missing.length} of ${ids.length} containers as running`)
}

function measureGrowth(): Part {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-'))
  try {
    const nameOf = ({processes, containers}: Size) => `${processes.toLocaleString('en')} processes, ${containers.toLocaleString('en')} containers`
    const commands = Object.fromEntries(sizes.map((size) => {
      const root = join(folder, String(size.processes))
      say(`writing ${nameOf(size)}`)
      writeSyntheticHost(root, size)
      return [nameOf(size), rtctl('inspect', '--root', root)]
    }))
    say('measuring')
    const costs = inTurn(commands, ROUNDS)
    const cpu = sizes.map((size) => median((costs[nameOf(size)] ?? []).map((cost) => cost.cpu)))
    const [small = 0, middle = 0, large = 0] = cpu
    const growth = perProcess(middle, large, sizes[1], sizes[2]) / perProcess(small, middle, sizes[0], sizes[1])
    return {
      goals: [
        {text: `\`rtctl inspect\` of ${sizes[1] ? nameOf(sizes[1]) : ''}, CPU time`, goal: 'under 1 s', measured: `${(middle / 1000).toFixed(2)} s`, met: middle < 1000},
        {text: 'the cost of one more process, from 10,000 to 50,000 against from 1,000 to 10,000', goal: 'at most 1.25 × (linear)', measured: `${growth.toFixed(2)} ×`, met: growth <= 1.25},
      ],
      text: table(COLUMNS, sizes.map((size) => {
        const command = commands[nameOf(size)]
        return row(nameOf(size), costs[nameOf(size)] ?? [], command && peakMemory(command, MEMORY_ROUNDS))
      })),
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

function perProcess(less: number, more: number, from: Size | undefined, to: Size | undefined): number {
  return (more - less) / ((to?.processes ?? 0) - (from?.processes ?? 0))
}

// ---------------------------------------------------------------- the document

function machine(): string {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length
  const [minute = 0] = loadavg()
  return `Node.js ${process.versions.node}, ${process.platform}-${process.arch}, kernel ${release().split('-')[0]}, ${availableParallelism()} CPUs, ` +
    `${processes} processes and a load of ${minute.toFixed(1)} before it began.\n`
}

interface Parts {
  readonly start: Part
  readonly containers: Part
  readonly growth: Part
  readonly manifests: Part
  readonly cluster: Part
  readonly cri: Part
}

function report(before: string, parts: Parts): string {
  const {start, containers, growth, manifests, cluster, cri} = parts
  const goals = [start, containers, growth, manifests, cluster, cri].flatMap((part) => part.goals)
  return [
    before,
    table(['', 'goal', 'measured', ''], goals.map(({text, goal, measured, met}) => [text, goal, measured, met ? 'met' : '**missed**'])),
    `### Start\n\n${start.text}`,
    `### ${CONTAINERS} containers\n\n${containers.text}`,
    `### Growth\n\n${growth.text}`,
    `### Manifests\n\n${manifests.text}`,
    `### Cluster\n\n${cluster.text}`,
    `### CRI\n\n${cri.text}`,
  ].join('\n')
}

/** Puts the text between the marks of the document. */
function writeDocument(text: string): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no place for the tables: ${BEGIN.trim()} … ${END.trim()}`)
  writeFileSync(DOCUMENT, `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`)
}

if (!existsSync(join(ROOT, 'dist/main.js'))) throw new Error('there is no build to measure: npm run build')
const before = machine()
say('measuring the start')
const text = report(before, {
  start: measureStart(), containers: await measureContainers(), growth: measureGrowth(),
  manifests: measureManifests(), cluster: await measureCluster(rtctl), cri: await measureCri(rtctl, bareNode),
})
process.stdout.write(text)
writeDocument(text)
