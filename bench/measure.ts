// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
}

/** What one run took, in milliseconds. CPU time is that of the program and of all it waited for, user and system. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
}

/** rtctl that found all its answers, and rtctl that says what it could not see. */
const GOOD_ENDS = new Set([0, 4])

const ENVIRONMENT = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/nonexistent'}

/** Runs a command with its output thrown away. bash's `time` counts the children too, with three decimals. */
function runOnce({program, args}: Command): Cost {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" > /dev/null 2>&1'
  const {status, stderr} = spawnSync('bash', ['-c', script, 'bench', program, ...args], {encoding: 'utf8', env: ENVIRONMENT})
  const seconds = stderr.trim().split(' ').map(Number)
  const [wall, user, system] = seconds as [number, number, number]
  if (!GOOD_ENDS.has(status ?? -1) || seconds.length !== 3 || !seconds.every(Number.isFinite)) {
    throw new Error(`${program} ${args.join(' ').slice(0, 200)}: exit status ${status}\n${stderr}`)
  }
  return {wall: wall * 1000, cpu: (user + system) * 1000}
}

/**
 * Runs commands in turn, A B C A B C …, so that a change of the machine's load meets all of them, after one run of each
 * that does not count.
 */
export function inTurn<Name extends string>(commands: Readonly<Record<Name, Command>>, rounds: number): Readonly<Record<Name, readonly Cost[]>> {
  const names = Object.keys(commands) as Name[]
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>
  for (const name of names) runOnce(commands[name])
  for (let round = 0; round < rounds; round++) for (const name of names) costs[name].push(runOnce(commands[name]))
  return costs
}

/** The most memory that a program held, without its children, in MiB: the median of some runs. GNU time asks the kernel for it. */
export function peakMemory({program, args}: Command, rounds: number): number {
  return median(Array.from({length: rounds}, () => {
    const {stderr, status, error} = spawnSync('/usr/bin/time', ['--quiet', '--format', '%M', program, ...args], {stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env: ENVIRONMENT})
    if (error !== undefined) throw new Error('memory is measured with GNU time: install the package `time`', {cause: error})
    const peak = Number(stderr.trim().split('\n').at(-1))
    if (!GOOD_ENDS.has(status ?? -1) || !(peak > 0)) throw new Error(`${args.join(' ')}: exit status ${status}, no peak of memory:\n${stderr}`)
    return peak / 1024
  }))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Of the values in order, the one at a part of the way, between two neighbours in proportion. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const [below = NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at - Math.floor(at))
}

/** How many times as long the second took: the median over the pairs that ran next to each other. */
export function times(first: readonly Cost[], second: readonly Cost[]): number {
  return median(second.map(({wall}, round) => wall / (first[round]?.wall ?? NaN)))
}
