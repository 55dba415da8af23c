// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {canRunEngines} from '../test/engines/harness/can-run.ts'
import {startEngines, type Engines} from '../test/engines/harness/engines.ts'
import {loadLayered, manyImages} from '../test/engines/harness/layered-images.ts'
import {packages, suites, type Suite} from '../test/engines/harness/packages.ts'
import {median, quantile, type Command} from './measure.ts'
import {type Goal, type Part, say, table} from './part.ts'

const IMAGES = 20
const ROUNDS = 2

type Rtctl = (...args: readonly string[]) => Command

/** `rtctl images migrate` of images that share layers, against `docker save | ctr images import` of one after the other. */
export async function measureImages(rtctl: Rtctl): Promise<Part> {
  const can = await canRunEngines()
  if (!can.ok) return {goals: [], text: `Not measured: no real engines, ${can.reason}.\n`}
  const goals: Goal[] = []
  const rows: (readonly string[])[] = []
  for (const suite of suites) {
    say(`moving ${IMAGES} images (${suite})`)
    const {name, ours, theirs, bytes} = await measure(suite, rtctl)
    const faster = median(theirs.map((ms, round) => ms / (ours[round] ?? NaN)))
    goals.push({
      text: `\`rtctl images migrate\` of ${IMAGES} images that share layers, ${name}, against \`docker save | ctr images import\` of each`,
      goal: 'at least 1.5 × faster', measured: `${faster.toFixed(1)} × faster`, met: faster >= 1.5,
    })
    rows.push([`${name}, ${(bytes / 1e6).toFixed(0)} MB of layers`, summary(ours), summary(theirs)])
  }
  return {goals, text: table(['', '`rtctl images migrate`, ms', '`docker save \\| ctr images import` of each, ms'], rows)}
}

function summary(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${quantile(values, 0).toFixed(0)}–${quantile(values, 1).toFixed(0)})`
}

async function measure(suite: Suite, rtctl: Rtctl) {
  const engines = await startEngines(suite, {docker: true, cri: true})
  try {
    const images = manyImages('bench', IMAGES, 1)
    const sizes = await loadLayered(engines, images)
    const names = images.map(({tag}) => tag)
    const {program} = await packages()
    const each = `for image in "$@"; do "${program(suite, 'docker')}" --host "unix://${engines.dockerSocket}" save "$image" | "${program(suite, 'ctr')}" --address "${engines.containerdSocket}" --namespace k8s.io images import - || exit; done`
    const commands: readonly Command[] = [
      rtctl('images', 'migrate', '--docker-socket', engines.dockerSocket ?? '', '--runtime-endpoint', engines.containerdSocket, ...names),
      {program: 'bash', args: ['-o', 'pipefail', '-c', each, 'bench', ...names]},
    ]
    const times: readonly [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, command] of commands.entries()) {
        times[index]?.push(timeOf(command))
        await removeAll(engines, names)
      }
    }
    const version = await engines.docker('version', '--format', '{{.Server.Version}}')
    return {name: `Docker ${version.replace(/[+~].*/, '')}`, ours: times[0], theirs: times[1], bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0)}
  } finally {
    const left = await engines.stop()
    if (left.length > 0) process.stderr.write(`left behind on this machine: ${left.join(', ')}\n`)
  }
}

/** @returns milliseconds */
function timeOf({program, args}: Command): number {
  const start = performance.now()
  const {status, stderr} = spawnSync(program, args, {encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent'}})
  if (status !== 0) throw new Error(`${program} ${args.join(' ').slice(0, 300)}: exit status ${status}\n${stderr}`)
  return performance.now() - start
}

/** All that was moved, the layers too: what the names stand for has another name, its id, as the CRI names it. */
async function removeAll({ctr}: Engines, names: readonly string[]): Promise<void> {
  const rows = (await ctr('k8s.io', 'images', 'ls')).trim().split('\n').slice(1).map((line) => line.split(/\s+/))
  const whole = new Set(names.map((name) => `docker.io/${name}`))
  const targets = new Set(rows.filter(([name = '']) => whole.has(name)).map(([, , target]) => target))
  const all = rows.filter(([, , target]) => targets.has(target)).map(([name = '']) => name)
  await ctr('k8s.io', 'images', 'rm', '--sync', ...all)
}
