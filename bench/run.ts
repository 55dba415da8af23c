// SPDX-License-Identifier: Apache-2.0
// `npm run bench`: measures the executable that is shipped against Node.js, against the shell commands it replaces, and on hosts of
// growing size.
// Prints tables and puts them into docs/performance.md.
import {spawnSync} from 'node:child_process'
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, loadavg, release, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {contextOf} from '../scripts/pack/context.ts'
import {packExecutable} from '../scripts/pack/executable.ts'
import {canRunEngines} from '../test/engines/harness/can-run.ts'
import {measureCluster} from './cluster.ts'
import {measureCri} from './cri.ts'
import {measureFleet} from './fleet.ts'
import {CONTAINERS, startHundredContainers} from './hundred-containers.ts'
import {measureImages} from './images-migrate.ts'
import {inTurn, median, peakMemory, times, type Command} from './measure.ts'
import {measureManifests} from './manifests.ts'
import {COLUMNS, type Part, row, say, table} from './part.ts'
import {writeSyntheticHost, type Size} from './synthetic-host.ts'

const ROOT = dirname(import.meta.dirname)
const DOCUMENT = join(ROOT, 'docs/performance.md')
const [BEGIN, END] = ['<!-- bench: begin -->\n', '<!-- bench: end -->\n']

const ROUNDS = 15
const MEMORY_ROUNDS = 5

const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-'))
const executable = join(folder, 'rtctl')
const rtctl = (...args: readonly string[]): Command => ({program: executable, args})
const fromNpm = (...args: readonly string[]): Command => ({program: process.execPath, args: [join(ROOT, 'bin/run.js'), ...args]})
const bareNode: Command = {program: process.execPath, args: ['-e', '0']}

const sizes: readonly Size[] = [
  {processes: 1000, containers: 100},
  {processes: 10_000, containers: 1000},
  {processes: 50_000, containers: 5000},
]

// ---------------------------------------------------------------- the parts

function measureStart(): Part {
  const commands = {
    node: bareNode, version: rtctl('--version'), help: rtctl('--help'), inspect: rtctl('inspect'),
    npmVersion: fromNpm('--version'), npmHelp: fromNpm('--help'), npmInspect: fromNpm('inspect'),
  }
  const costs = inTurn(commands, 2 * ROUNDS)
  const memory = {node: peakMemory(bareNode, MEMORY_ROUNDS), version: peakMemory(commands.version, MEMORY_ROUNDS), inspect: peakMemory(commands.inspect, MEMORY_ROUNDS)}
  const [version, inspect, more] = [times(costs.node, costs.version), times(costs.node, costs.inspect), memory.version / memory.node]
  return {
    goals: [
      {text: '`rtctl --version` against `node -e 0`', goal: 'at most 2 ×', measured: `${version.toFixed(2)} ×`, met: version <= 2},
      {text: 'the same, memory', goal: 'at most 1.3 ×', measured: `${more.toFixed(2)} ×`, met: more <= 1.3},
      {text: '`rtctl inspect` of this machine without engines, against `node -e 0`', goal: 'at most 4 ×', measured: `${inspect.toFixed(2)} ×`, met: inspect <= 4},
    ],
    text: table(COLUMNS, [
      row('`node -e 0`', costs.node, memory.node),
      row('`rtctl --version`', costs.version, memory.version),
      row('`rtctl --help`', costs.help),
      row('`rtctl inspect`', costs.inspect, memory.inspect),
      row('`rtctl --version` from npm', costs.npmVersion),
      row('`rtctl --help` from npm', costs.npmHelp),
      row('`rtctl inspect` from npm', costs.npmInspect),
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
  const hosts = mkdtempSync(join(folder, 'hosts-'))
  try {
    const nameOf = ({processes, containers}: Size) => `${processes.toLocaleString('en')} processes, ${containers.toLocaleString('en')} containers`
    const commands = Object.fromEntries(sizes.map((size) => {
      const root = join(hosts, String(size.processes))
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
    rmSync(hosts, {recursive: true, force: true})
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
  readonly fleet: Part
  readonly cri: Part
  readonly images: Part
}

function report(before: string, parts: Parts): string {
  const {start, containers, growth, manifests, cluster, fleet, cri, images} = parts
  const goals = [start, containers, growth, manifests, cluster, fleet, cri, images].flatMap((part) => part.goals)
  return [
    before,
    table(['', 'goal', 'measured', ''], goals.map(({text, goal, measured, met}) => [text, goal, measured, met ? 'met' : '**missed**'])),
    `### Start\n\n${start.text}`,
    `### ${CONTAINERS} containers\n\n${containers.text}`,
    `### Growth\n\n${growth.text}`,
    `### Manifests\n\n${manifests.text}`,
    `### Cluster\n\n${cluster.text}`,
    `### Fleet\n\n${fleet.text}`,
    `### CRI\n\n${cri.text}`,
    `### Images\n\n${images.text}`,
  ].join('\n')
}

/** Puts the text between the marks of the document. */
function writeDocument(text: string): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no place for the tables: ${BEGIN.trim()} … ${END.trim()}`)
  writeFileSync(DOCUMENT, `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`)
}

/** A copy: of a file that was written a moment ago the kernel maps more than it needs, which would count as memory. */
async function makeExecutable(): Promise<void> {
  const [out, work] = [join(folder, 'out'), join(folder, 'work')]
  for (const each of [out, work]) mkdirSync(each)
  const [name = ''] = await packExecutable(contextOf(ROOT, out, work))
  copyFileSync(join(out, name), executable)
  for (const each of [out, work]) rmSync(each, {recursive: true})
}

if (!existsSync(join(ROOT, 'dist/main.js'))) throw new Error('there is no build to measure: npm run build')
try {
  say('packing')
  await makeExecutable()
  const before = machine()
  say('measuring the start')
  const text = report(before, {
    start: measureStart(), containers: await measureContainers(), growth: measureGrowth(),
    manifests: measureManifests(), cluster: await measureCluster(rtctl), fleet: await measureFleet(rtctl), cri: await measureCri(rtctl, bareNode),
    images: await measureImages(rtctl),
  })
  process.stdout.write(text)
  writeDocument(text)
} finally {
  rmSync(folder, {recursive: true, force: true})
}
