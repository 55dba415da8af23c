// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {appendFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {ContainerStatus} from '../../src/cri/gen/runtime/v1/status.ts'
import {ContainerStatusResponse} from '../../src/cri/gen/runtime/v1/status.ts'
import {ROOT} from '../support/node.ts'
import {serveCri} from '../unit/cri/fake-cri.ts'
import {rtctl} from './support.ts'

const RUNNING = 1
const EXITED = 2
const ID = 'c'.repeat(64)

let folder: string
let log: string
let answer: ContainerStatusResponse
let status: ContainerStatus
let stop: () => void

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-cri-logs-'))
  log = join(folder, '1.log')
  answer = ContainerStatusResponse.fromPartial({status: {id: ID, metadata: {name: 'app', attempt: 1}, state: EXITED, logPath: log}})
  if (answer.status === undefined) throw new Error('no status')
  status = answer.status
  stop = (await serveCri(join(folder, 'cri.sock'), ['v1'], {ContainerStatus: answer, ReopenContainerLog: {}})).stop
  writeFileSync(log, [
    '2026-01-02T03:04:05Z stdout F one', '2026-01-02T03:04:06Z stderr F bad', '2026-01-02T03:04:07.5Z stdout P t', '2026-01-02T03:04:07.6Z stdout F wo', '',
  ].join('\n'))
})

afterEach(() => {
  stop()
  rmSync(folder, {recursive: true, force: true})
})

const logs = (...flags: string[]) => rtctl('cri', 'logs', '--runtime-endpoint', `unix://${folder}/cri.sock`, 'cccc', ...flags)

describe('rtctl cri logs', () => {
  test('prints both streams of a container', async () => {
    expect(await logs()).toEqual({stdout: 'one\ntwo\n', stderr: 'bad\n', status: 0})
  })

  test.each([
    [['--tail', '1'], 'two\n', ''],
    [['--tail=-1'], 'one\ntwo\n', 'bad\n'],
    [['--tail', '0'], '', ''],
    [['--tail', '1', '--stream', 'stderr'], '', 'bad\n'],
    [['-s', 'stdout', '-t'], '2026-01-02T03:04:05.000000000Z one\n2026-01-02T03:04:07.500000000Z two\n', ''],
    [['--limit-bytes', '5'], 'one\n', 'b'],
    [['--since', '2026-01-02T03:04:06Z'], 'two\n', 'bad\n'],
    [['--since', '1767323047.5'], 'two\n', ''],
    [['--since', '1h'], '', ''],
    [['-f', '--tail', '2'], 'two\n', 'bad\n'],
  ])('%s: selects', async (flags, stdout, stderr) => expect(await logs(...flags)).toEqual({stdout, stderr, status: 0}))

  test('prints the log of the attempt before', async () => {
    writeFileSync(join(folder, '0.log'), '2026-01-02T03:00:00Z stdout F before\n')
    status.state = RUNNING
    expect(await logs('-p', '-f')).toEqual({stdout: 'before\n', stderr: '', status: 0})
    status.metadata = {name: 'app', attempt: 0}
    expect(await logs('-p')).toMatchObject({stdout: '', stderr: expect.stringContaining('no attempt before'), status: 1})
  })

  test.each([
    [['--since', 'yesterday'], /--since takes a duration or a time, not "yesterday"/],
    [['--stream', 'stdin'], /stdout, stderr/],
    [['--tail', 'x'], /integer/],
  ])('%s: is refused', async (flags, message) => {
    expect(await logs(...flags)).toMatchObject({stdout: '', stderr: expect.stringMatching(message), status: 2})
  })

  test('says when there is no log', async () => {
    status.logPath = join(folder, 'gone.log')
    expect(await logs()).toMatchObject({stdout: '', stderr: expect.stringContaining('There is no log file at '), status: 2})
    status.logPath = ''
    expect(await logs()).toMatchObject({stdout: '', stderr: expect.stringContaining('has no log'), status: 1})
  })

  test('warns of what is no line of a log, with nothing that drives a terminal', async () => {
    appendFileSync(log, '\u001b]0;title\u0007\n')
    const {stdout, stderr} = await logs()
    expect(stdout).toBe('one\ntwo\n')
    expect(stderr).toMatch(/is no line of a container's log/)
    expect(stderr).not.toContain('\u001b')
  })

  test('has the runtime open the log anew', async () => {
    expect(await logs('-r')).toEqual({stdout: 'one\ntwo\n', stderr: 'rtctl: the runtime has opened the log anew\nbad\n', status: 0})
    stop()
    stop = (await serveCri(join(folder, 'cri.sock'), ['v1'], {ContainerStatus: answer, ReopenContainerLog: {code: 9, details: 'container is not running'}})).stop
    expect(await logs('-r')).toMatchObject({stdout: '', stderr: expect.stringContaining('container is not running')})
  })

  test('follows until Ctrl-C, also when the runtime goes away meanwhile', async () => {
    status.state = RUNNING
    const argv = ['bin/dev.js', 'cri', 'logs', '-f', '--tail', '1', '--max-retries', '0', '--runtime-endpoint', `unix://${folder}/cri.sock`, ID]
    const child = spawn(process.execPath, argv, {cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe']})
    const heard = {stdout: '', stderr: ''}
    child.stdout.on('data', (bytes: Buffer) => (heard.stdout += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (heard.stderr += bytes.toString()))
    const ended = new Promise((resolve) => child.on('close', resolve))
    await expect.poll(() => heard.stdout, {timeout: 10_000}).toBe('two\n')
    stop()
    await expect.poll(() => heard.stderr, {timeout: 10_000}).toContain('its log is followed on')
    appendFileSync(log, '2026-01-02T03:05:00Z stdout F three\n')
    await expect.poll(() => heard.stdout, {timeout: 2000}).toBe('two\nthree\n')
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })
})
