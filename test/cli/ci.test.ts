// SPDX-License-Identifier: Apache-2.0
// What is in ci/ and contrib/ runs elsewhere. Here it is read, checked against the command, and run with a stand-in for rtctl.
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import Preflight from '../../src/commands/preflight.ts'
import {ROOT, spawned} from '../support/node.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

interface Action {
  readonly inputs: Readonly<Record<string, {readonly default: string; readonly description: string}>>
  readonly runs: {readonly using: string; readonly steps: readonly {readonly env?: Readonly<Record<string, string>>; readonly run?: string; readonly shell?: string; readonly uses?: string; readonly if?: string}[]}
}
interface GitLab {
  readonly 'rtctl-preflight': {readonly script: readonly [string]; readonly variables: Readonly<Record<string, string>>; readonly artifacts: {readonly when: string; readonly paths: readonly string[]; readonly reports: {readonly junit: string}}}
}
interface Npd {
  readonly pluginConfig: Readonly<Record<string, string | number | boolean>>
  readonly conditions: readonly {readonly type: string; readonly reason: string; readonly message: string}[]
  readonly rules: readonly {readonly type: string; readonly condition: string; readonly reason: string; readonly path: string; readonly args: readonly string[]; readonly timeout: string}[]
}

const action = load(read('ci/github/action.yml')) as Action
const SCRIPT = 'ci/github/preflight.sh'
const gitlab = load(read('ci/gitlab/rtctl-preflight.yml')) as GitLab
const npd = JSON.parse(read('contrib/node-problem-detector/rtctl-preflight.json')) as Npd

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-ci-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

/** A program that writes down how it was called, prints what it was asked for and ends with the status it is told. */
function standIn(name: string): string {
  mkdirSync(join(folder, 'bin'), {recursive: true})
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh
printf '<%s>' "$@" >> "${folder}/calls"; echo >> "${folder}/calls"
format=human; fails=yes; before=
for each in "$@"; do
  case $before in -o) format=$each ;; --fail-on) test "$each" = never && fails=no ;; esac
  before=$each
done
echo "report as $format"
if test $fails = yes; then exit "\${STATUS:-0}"; elif test "\${STATUS:-0}" = 4; then exit 4; else exit 0; fi
`)
  chmodSync(path, 0o755)
  return path
}

const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
const written = (name: string) => readFileSync(join(folder, name), 'utf8')

describe('the files for CI', () => {
  test.each<[string, string]>([
    ['GitHub', read(SCRIPT)], ['GitLab', gitlab['rtctl-preflight'].script[0] + gitlab['rtctl-preflight'].variables.RTCTL_FLAGS], ['node-problem-detector', npd.rules[0]!.args.join(' ')],
  ])('of %s use only flags and formats that the command has', (_, text) => {
    const used = [...text.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, flag]) => flag!).filter((flag) => flag !== 'yes')
    expect(used.length).toBeGreaterThan(0)
    for (const flag of used) expect(Object.keys(Preflight.flags)).toContain(flag)
    const output = Preflight.flags.output as {readonly options?: readonly string[]}
    const formats = [...text.matchAll(/(?:-o|report) (json|yaml|sarif|junit|html|markdown|prometheus|npd)\b/g)].map(([, format]) => format!)
    expect(formats.length).toBeGreaterThan(0)
    for (const format of formats) expect(output.options).toContain(format)
  })

  test('are shell that bash and sh can read', () => {
    writeFileSync(join(folder, 'gitlab.sh'), gitlab['rtctl-preflight'].script[0])
    expect(spawned('bash', ['-n', SCRIPT])).toMatchObject({status: 0, stderr: ''})
    expect(spawned('sh', ['-n', join(folder, 'gitlab.sh')])).toMatchObject({status: 0, stderr: ''})
  })
})

describe('the GitHub Action', () => {
  const run = (env: Readonly<Record<string, string>>) => spawned('bash', ['-c', 'cd "$0"; exec bash "$1"', folder, join(ROOT, SCRIPT)], {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`, GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary'), INPUT_SARIF_FILE: '', ...env,
  })

  test('gives every input to the script by the environment, and none as a part of it', () => {
    const [step] = action.runs.steps
    const names = Object.keys(action.inputs).filter((name) => name !== 'upload-sarif')
    expect(Object.keys(step!.env!).toSorted()).toEqual(names.map((name) => `INPUT_${name.toUpperCase().replaceAll('-', '_')}`).toSorted())
    for (const name of Object.keys(step!.env!)) expect(read(SCRIPT)).toContain(name)
    expect(action.runs).toMatchObject({using: 'composite'})
    for (const {run: script = '', shell = 'bash', uses} of action.runs.steps) {
      expect(script).not.toContain('${{')
      expect([shell, uses ?? 'github/codeql-action/upload-sarif@v4']).toEqual(['bash', 'github/codeql-action/upload-sarif@v4'])
    }
  })

  test('looks once for the log, and once more for each report', () => {
    const rtctl = standIn('rtctl')
    const {status, stdout} = run({INPUT_RTCTL: rtctl, INPUT_SARIF_FILE: join(folder, 'a.sarif'), INPUT_KUBERNETES: '1.35', INPUT_FAIL_ON: 'medium', INPUT_PATHS: 'deploy\nmy charts\n\n'})
    expect(status).toBe(0)
    expect(calls()).toEqual([
      '<preflight><--kubernetes><1.35><--fail-on><medium><--><deploy><my charts>',
      '<preflight><--kubernetes><1.35><--fail-on><never><-o><markdown><--><deploy><my charts>',
      '<preflight><--kubernetes><1.35><--fail-on><never><-o><sarif><--><deploy><my charts>',
    ])
    expect([written('summary'), written('a.sarif'), written('output')]).toEqual(['report as markdown\n', 'report as sarif\n', `status=0\nsarif=${join(folder, 'a.sarif')}\n`])
    expect(stdout).toMatch(/^::stop-commands::([0-9a-f]{32})\nreport as human\n::\1::\n$/)
  })

  test.each([[3, 3], [4, 3], [2, 1], [1, 1]])('ends with status %i of rtctl, after %i looks', (code, looks) => {
    const rtctl = standIn('rtctl')
    expect(run({INPUT_RTCTL: rtctl, INPUT_SARIF_FILE: join(folder, 'a.sarif'), STATUS: String(code)}).status).toBe(code)
    expect(calls()).toHaveLength(looks)
    expect(written('output')).toContain(`status=${code}\n`)
  })

  test('fetches rtctl with npx where no path is given', () => {
    standIn('npx')
    expect(run({INPUT_VERSION: '1.2.3', INPUT_SUMMARY: 'false'}).status).toBe(0)
    expect(calls()).toEqual(['<--yes><rtctl@1.2.3><preflight><--><.>'])
  })

  test.each([['paths: [deploy]\n', '<preflight><-->'], ['kubernetes: 1.35\n', '<preflight><--><.>']])('never looks at the runner: with %j it calls %s', (config, call) => {
    writeFileSync(join(folder, '.rtctl.yaml'), config)
    run({INPUT_RTCTL: standIn('rtctl'), INPUT_SUMMARY: 'false'})
    expect(calls()).toEqual([call])
  })

  test('runs nothing that is in an input', () => {
    const rtctl = standIn('rtctl')
    const evil = `$(touch ${join(folder, 'evil')}); touch ${join(folder, 'evil')} #`
    run({INPUT_RTCTL: rtctl, INPUT_PATHS: evil, INPUT_TARGET: evil, INPUT_BASELINE: evil})
    expect(() => written('evil')).toThrow('ENOENT')
    expect(calls()[0]).toContain(`<--target><${evil}>`)
  })
})

describe('the GitLab job', () => {
  const run = (env: Readonly<Record<string, string>>) => {
    standIn('npx')
    const {variables, script} = gitlab['rtctl-preflight']
    return spawned('sh', ['-ec', `cd "${folder}"\n${script[0]}`], {PATH: `${join(folder, 'bin')}:${process.env.PATH}`, ...variables, ...env})
  }

  test('writes its artefacts and prints the report', () => {
    const {status, stdout} = run({RTCTL_PATHS: 'deploy/* charts', RTCTL_FLAGS: '--kubernetes 1.35'})
    expect([status, stdout]).toEqual([0, 'report as human\n'])
    const {artifacts} = gitlab['rtctl-preflight']
    expect([written(artifacts.reports.junit), written(artifacts.paths[0]!), artifacts.when]).toEqual(['report as junit\n', 'report as html\n', 'always'])
    expect(calls()).toEqual([
      '<--yes><rtctl@latest><preflight><--kubernetes><1.35><-o><junit><--><deploy/*><charts>',
      '<--yes><rtctl@latest><preflight><--kubernetes><1.35><--fail-on><never><-o><html><--><deploy/*><charts>',
      '<--yes><rtctl@latest><preflight><--kubernetes><1.35><--fail-on><never><--><deploy/*><charts>',
    ])
  })

  test.each([[3, 3], [4, 3], [2, 1]])('ends with status %i of rtctl, after %i looks', (code, looks) => {
    expect(run({STATUS: String(code)}).status).toBe(code)
    expect(calls()).toHaveLength(looks)
  })

  test('fails from the severity on that is told, and leaves it to .rtctl.yaml otherwise', () => {
    run({RTCTL_FAIL_ON: 'medium'})
    expect(calls()[0]).toBe('<--yes><rtctl@latest><preflight><--fail-on><medium><-o><junit><--><.>')
    run({})
    expect(calls()[3]).toBe('<--yes><rtctl@latest><preflight><-o><junit><--><.>')
  })

  test.each([['paths: [deploy]\n', '<-->'], ['kubernetes: 1.35\n', '<--><.>']])('never looks at the runner: with %j and no paths it ends in %s', (config, end) => {
    writeFileSync(join(folder, '.rtctl.yaml'), config)
    run({RTCTL_PATHS: ''})
    expect(calls()[0]).toBe(`<--yes><rtctl@latest><preflight><-o><junit>${end}`)
  })
})

// pkg/custompluginmonitor/types of node-problem-detector.
describe('the plugin of node-problem-detector', () => {
  const seconds = (duration: string | number | boolean) => {
    const [, number, unit] = /^(\d+)([smh])$/.exec(String(duration))!
    return Number(number) * {s: 1, m: 60, h: 3600}[unit as 's' | 'm' | 'h']
  }

  test('has only keys that it knows', () => {
    expect(Object.keys(npd)).toEqual(['plugin', 'pluginConfig', 'source', 'metricsReporting', 'conditions', 'rules'])
    const known = ['invoke_interval', 'timeout', 'max_output_length', 'concurrency', 'enable_message_change_based_condition_update', 'skip_initial_status']
    for (const key of Object.keys(npd.pluginConfig)) expect(known).toContain(key)
    for (const rule of npd.rules) expect(Object.keys(rule)).toEqual(['type', 'condition', 'reason', 'path', 'args', 'timeout'])
    for (const condition of npd.conditions) expect(Object.keys(condition)).toEqual(['type', 'reason', 'message'])
    expect(npd).toMatchObject({plugin: 'custom', pluginConfig: {max_output_length: 80}})
  })

  test('passes its validation', () => {
    for (const {type, condition, timeout} of npd.rules) {
      expect(type).toBe('permanent')
      expect(npd.conditions.map((each) => each.type)).toContain(condition)
      expect(seconds(timeout)).toBeLessThanOrEqual(seconds(npd.pluginConfig.timeout!))
    }
    expect(seconds(npd.pluginConfig.invoke_interval!)).toBeGreaterThan(seconds(npd.pluginConfig.timeout!))
  })
})
