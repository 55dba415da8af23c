// SPDX-License-Identifier: Apache-2.0
import {existsSync, globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {ROOT} from '../../support/node.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const FILES = globSync('.github/workflows/*.yml', {cwd: ROOT}).sort()
const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts

const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const jobsOf = (file: string): readonly Job[] => Object.values((parse(textOf(file)) as Workflow).jobs)
const commandsOf = (job: Job) => job.steps.flatMap(({run}) => run ?? [])

/** Code of dependencies, or of tests. */
const runsForeignCode = (job: Job) => commandsOf(job).some((run) => /\.ci\/run|npm (?:ci|install|test|run)\b/.test(run))

test('there is one workflow that tests and one that releases', () => {
  expect(FILES).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml'])
})

describe.each(FILES)('%s', (file) => {
  test('runs scripts that package.json has, and files that are there', () => {
    const commands = jobsOf(file).flatMap(commandsOf).join('\n')
    const scripts = [...commands.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name ?? '')
    expect(scripts.filter((name) => SCRIPTS[name] === undefined)).toEqual([])
    expect(commands).toMatch(/^\.ci\/run$/m)
    expect(existsSync(join(ROOT, '.ci/run'))).toBe(true)
  })

  test('takes every action by the sum of its commit, and says which version that is', () => {
    const lines = textOf(file).split('\n').filter((line) => /\buses:/.test(line))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })

  test('allows nothing by default but to read, and each job to end', () => {
    expect([{}, {contents: 'read'}]).toContainEqual((parse(textOf(file)) as Workflow).permissions)
    expect(jobsOf(file).filter((job) => job['timeout-minutes'] === undefined)).toEqual([])
  })

  test('gives no right to write or to sign to a job that runs code of dependencies', () => {
    const [dangerous, others] = [jobsOf(file).filter(runsForeignCode), jobsOf(file).filter((job) => !runsForeignCode(job))]
    expect(dangerous.length).toBeGreaterThan(0)
    expect(dangerous.flatMap(({permissions = {}}) => Object.entries(permissions)).filter(([, right]) => right !== 'read')).toEqual([])
    expect(others.filter(({permissions}) => permissions === undefined)).toEqual([])
  })

  test('puts nothing of the event into a script: what it needs comes by the environment', () => {
    expect(jobsOf(file).flatMap(commandsOf).filter((run) => run.includes('${{'))).toEqual([])
  })
})
