// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {inspectHost} from '../../src/app/inspect-host.ts'
import type {Recording, SnapshotSummary} from '../../src/app/record-snapshot.ts'
import {recordSnapshot, snapshotFileName} from '../../src/app/record-snapshot.ts'
import {openHost, openLive} from '../../src/cli/host-flags.ts'
import {readSnapshot} from '../../src/host/snapshot-file.ts'
import {UserError} from '../../src/model/user-error.ts'
import {rtctl} from './support.ts'

const TIMEOUT = 2
let folder = ''
let root = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-cli-'))
  root = join(folder, 'root')
  put('etc/hostname', 'node-1\n')
  put('etc/docker/daemon.json', '{"log-driver": "json-file", "proxies": {"http-proxy": "http://me:hunter2@proxy:3128"}}')
  put('proc/1/stat', `1 (systemd) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 5 1 1 ${'0 '.repeat(28).trim()}\n`)
  put('proc/1/cmdline', '/sbin/init\0')
  put('proc/40/stat', `40 (dockerd) S 1 40 40 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 9 1 1 ${'0 '.repeat(28).trim()}\n`)
  put('proc/40/cmdline', '/usr/bin/dockerd\0--api-token=hunter2\0')
})

afterEach(() => rmSync(folder, {recursive: true, force: true}))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true})
  writeFileSync(join(root, path), text)
}

/** The error that opening a host ends with. */
async function complaintOf(open: () => Promise<unknown>): Promise<UserError> {
  try {
    await open()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was opened')
}

describe('rtctl snapshot', () => {
  test('writes a file, and tells what it holds, what is missing and what was redacted', async () => {
    const file = join(folder, 'node.jsonl')
    const {stdout, stderr, status} = await rtctl('snapshot', '--root', root, '-o', file)
    const {records} = readSnapshot(file)
    expect(stdout).toBe('')
    expect(stderr).toContain(`Recorded ${records.sorted().length} answers in ${file}`)
    expect(stderr).toMatch(/^Redacted \d+ values:$/m)
    expect(stderr).toContain('  /proc/40/cmdline: secret-value\n')
    expect(status).toBe(stderr.includes('The report will be partial') ? 4 : 0)
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2')
  })

  test('replays to the same report, byte for byte', async () => {
    const options = {rtctlVersion: '0.1.0'}
    const file = join(folder, 'node.jsonl')
    await rtctl('snapshot', '--root', root, '-o', file)
    const replayed = await inspectHost(await openHost({from: file, timeout: TIMEOUT}), options)
    const {report} = await recordSnapshot(openLive({root, timeout: TIMEOUT}), {...options, now: new Date()})
    const untimed = (value: typeof report) => JSON.stringify({...value, host: {...value.host, time: ''}})
    expect(untimed(replayed)).toBe(untimed(report))
    expect(JSON.stringify(replayed)).not.toContain('not-captured')
  })

  test('with -o - prints the snapshot and nothing else to standard output', async () => {
    const {stdout, stderr} = await rtctl('snapshot', '--root', root, '-o', '-')
    const file = join(folder, 'piped.jsonl')
    writeFileSync(file, stdout)
    expect(readSnapshot(file).records.get('text', '/etc/docker/daemon.json')).toMatchObject({state: 'ok'})
    expect(stderr).toContain('answers in standard output')
  })

  test('with --json gives the same as data', async () => {
    const file = join(folder, 'node.jsonl')
    const {stdout, stderr, status} = await rtctl('snapshot', '--root', root, '-o', file, '--json')
    const summary = JSON.parse(stdout) as SnapshotSummary
    expect(stderr).toBe('')
    expect(summary).toMatchObject({file, records: {total: readSnapshot(file).records.sorted().length}})
    expect(summary.redacted).toContainEqual({source: '/proc/40/cmdline', rule: 'secret-value', count: 1})
    expect(status).toBe(summary.gaps.length > 0 ? 4 : 0)
  })

  test.each([
    ['--json with -o -', () => ['--json', '-o', '-'], 'both want standard output'],
    ['a root that is not there', () => ['--root', join(folder, 'missing')], 'there is no directory'],
    ['a procfs that is not there', () => ['--proc', join(folder, 'missing')], 'There is no procfs'],
    ['a time limit of nothing', () => ['--timeout', '0'], '--timeout'],
  ])('refuses %s with exit status 2', async (_, flags, message) => {
    const {stdout, stderr, status} = await rtctl('snapshot', ...flags())
    expect(stdout + stderr).toContain(message)
    expect(status).toBe(2)
  })

  test('refuses to write through a symbolic link, and writes nothing', async () => {
    writeFileSync(join(folder, 'victim'), 'untouched')
    symlinkSync('victim', join(folder, 'node.jsonl'))
    const {stderr, status} = await rtctl('snapshot', '--root', root, '-o', join(folder, 'node.jsonl'))
    expect(stderr).toContain('is a symbolic link')
    expect(status).toBe(2)
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('untouched')
    expect(readdirSync(folder).sort()).toEqual(['node.jsonl', 'root', 'victim'])
  })
})

describe('the name of a snapshot', () => {
  const name = (hostname: string | undefined) =>
    snapshotFileName({snapshot: {hostname, capturedAt: '2026-01-02T03:04:05.678Z'}} as unknown as Recording)

  test.each([
    ['node-1.example.org', 'rtctl-node-1.example.org-20260102T030405Z.jsonl'],
    ['../../etc/x', 'rtctl-etc-x-20260102T030405Z.jsonl'],
    ['-rf \u001b[31m', 'rtctl-rf-31m-20260102T030405Z.jsonl'],
    [undefined, 'rtctl-host-20260102T030405Z.jsonl'],
    ['…', 'rtctl-host-20260102T030405Z.jsonl'],
  ])('of the host %j is a plain file name', (hostname, wanted) => expect(name(hostname)).toBe(wanted))
})

describe('opening a host', () => {
  test('reads the tree that --root names, with its own procfs or the one that --proc names', async () => {
    expect((await openHost({root, timeout: TIMEOUT})).text('/proc/40/cmdline')).toMatchObject({state: 'ok'})
    expect((await openHost({root, proc: '/proc', timeout: TIMEOUT})).text('/proc/self/stat')).toMatchObject({state: 'ok'})
    expect((await openHost({root, timeout: TIMEOUT})).text('/etc/hostname')).toMatchObject({value: 'node-1\n'})
  })

  test('without procfs in the root tells of --proc /proc', async () => {
    rmSync(join(root, 'proc'), {recursive: true})
    expect((await complaintOf(() => openHost({root, timeout: TIMEOUT}))).next).toContain('--proc /proc')
    expect((await complaintOf(() => openHost({root, proc: root, timeout: TIMEOUT}))).message).toBe(`There is no procfs in ${root}`)
  })

  test('refuses a snapshot that is none, with exit status 2', async () => {
    expect(await complaintOf(() => openHost({from: join(root, 'etc/hostname'), timeout: TIMEOUT}))).toMatchObject({
      message: expect.stringContaining('is not an rtctl snapshot'),
      exitCode: 2,
    })
  })
})
