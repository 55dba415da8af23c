// SPDX-License-Identifier: Apache-2.0
// `npm test`: every check there is, each in turn and to the end, then one line for each.
import {spawnSync} from 'node:child_process'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

const STEPS: readonly {readonly name: string; readonly command: readonly string[]}[] = [
  {name: 'lint', command: ['oxlint']},
  {name: 'types', command: ['tsc', '-p', '.']},
  {name: 'build', command: ['node', 'scripts/build.ts']},
  {name: 'tests', command: ['vitest', 'run', '--project', '!lab']},
]

interface Outcome {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

function perform({name, command: [program = '', ...args]}: (typeof STEPS)[number]): Outcome {
  process.stdout.write(`\n== ${name}: ${[program, ...args].join(' ')}\n`)
  // Tells test/support/account.ts that every project must have tests.
  const env = {...process.env, RTCTL_TEST_EVERYTHING: '1'}
  const started = performance.now()
  const {status, error} = spawnSync(join(ROOT, 'node_modules/.bin', program), args, {cwd: ROOT, stdio: 'inherit', env})
  if (error !== undefined) process.stdout.write(`${error.message}\n`)
  return {name, passed: status === 0, seconds: (performance.now() - started) / 1000}
}

const outcomes = STEPS.map(perform)
process.stdout.write('\n== summary\n')
for (const {name, passed, seconds} of outcomes) {
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(6)} ${seconds.toFixed(1).padStart(6)} s\n`)
}
process.exitCode = outcomes.every(({passed}) => passed) ? 0 : 1
