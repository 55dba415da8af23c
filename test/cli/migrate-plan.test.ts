// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {load, loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {Records} from '../../src/host/records.ts'
import {redactJson} from '../../src/host/redact.ts'
import {readSnapshot, writeSnapshot} from '../../src/host/snapshot-file.ts'
import type {Plan} from '../../src/model/migration/plan.ts'
import {fingerprintOf} from '../../src/plan/fingerprint.ts'
import {ROOT} from '../support/node.ts'
import {rtctl} from './support.ts'

const SNAPSHOT = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')
const OTHER = join(ROOT, 'fixtures/containerd-only/snapshot.jsonl')

let folder = ''
let stored = ''
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-migrate-'))
  stored = (await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '-o', 'json')).stdout
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const withoutTime = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')

describe('a plan of a recorded node', () => {
  test('is text', async () => {
    const {stdout, stderr, status} = await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT)
    expect({stderr, status}).toEqual({stderr: '', status: 0})
    expect(stdout).toMatch(/^lab-node: dockershim \(Docker 20\.10\.24\+dfsg1\) → containerd 1\.6\.20~ds1\n/)
    expect(stdout).toContain('This is a plan: nothing has been\nchanged.')
    expect(stdout).not.toContain('Could not look')
    expect(stdout).toMatch(/\n {2}sudo rtctl migrate --to containerd --apply\n$/)
  })

  test('ends with status 4 where the snapshot has not all that it asks for, and says so', async () => {
    const {records, ...snapshot} = readSnapshot(SNAPSHOT)
    const fewer = new Records()
    for (const {kind, key, outcome} of records.sorted()) if (!key.startsWith('/etc/sysctl.d/')) fewer.set(kind, key, outcome)
    writeSnapshot(join(folder, 'fewer.jsonl'), {...snapshot, records: fewer})
    const {stdout, status} = await rtctl('migrate', '--to', 'containerd', '--from', join(folder, 'fewer.jsonl'))
    expect(status).toBe(4)
    expect(stdout).toMatch(/Could not look \(\d+\)[\s\S]*\/etc\/sysctl\.d/)
  })

  test('is JSON, by -o json and by --json alike', async () => {
    const plan = JSON.parse(stored) as Plan
    expect(plan).toMatchObject({format: 'rtctl-plan/1', node: 'lab-node', from: {runtime: 'dockershim'}, target: {name: 'containerd', configVersion: 2}, asked: {}})
    const {stdout, status} = await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '--json')
    expect(status).toBe(0)
    expect(withoutTime(JSON.stringify(JSON.parse(stdout)))).toBe(withoutTime(JSON.stringify(plan)))
  })

  test('is YAML, a playbook, a runbook and Markdown', async () => {
    const as = async (format: string): Promise<string> => (await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '-o', format)).stdout
    expect(withoutTime(JSON.stringify(load(await as('yaml'))))).toBe(withoutTime(JSON.stringify(JSON.parse(stored))))
    expect(loadAll(await as('ansible'))).toHaveLength(1)
    expect(spawnSync('bash', ['-n'], {input: await as('script')})).toMatchObject({status: 0, stderr: Buffer.from('')})
    expect(await as('markdown')).toMatch(/^# lab-node: dockershim/)
  })

  test.each(['cri-o', 'cri-dockerd'])('goes to %s', async (to) => {
    const {stdout} = await rtctl('migrate', '--to', to, '--from', SNAPSHOT, '-o', 'json')
    expect((JSON.parse(stdout) as Plan).target.name).toBe(to)
  })

  test('is for the version, the Kubernetes and the Docker that are asked for', async () => {
    const argv = ['migrate', '--to', 'containerd', '--from', SNAPSHOT, '--kubernetes', '1.25', '--keep-docker']
    const {stdout} = await rtctl(...argv)
    expect(stdout).toMatch(/\n {2}sudo rtctl migrate --to containerd --kubernetes 1\.25 --keep-docker --apply\n$/)
    expect(stdout).not.toContain('Stop, disable and mask docker.service')
    const other = await rtctl(...argv, '--runtime-version', 'v2.1')
    expect(other.status).toBe(5)
    expect(other.stdout.replaceAll(/\s+/g, ' ')).toContain('containerd 1.6.20~ds1 runs on this node, and the plan is for 2.1')
  })

  test('carries no secret', () => expect(stored).not.toMatch(/-----BEGIN|hunter2|"password": "[^[]/))

  test('has no colour, wherever that is not wanted', async () => {
    expect((await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '--no-color')).stdout).not.toContain('\u001B')
  })
})

test('a host without a kubelet is refused with status 5, and told why', async () => {
  const {stdout, status} = await rtctl('migrate', '--to', 'containerd', '--from', OTHER)
  expect(status).toBe(5)
  expect(stdout).toContain('There is no kubelet on this host')
})

test('a snapshot of somebody without rights is refused with what could not be seen, and what to do', async () => {
  const {stdout, status} = await rtctl('migrate', '--to', 'containerd', '--from', join(ROOT, 'fixtures/unprivileged/snapshot.jsonl'))
  expect(status).toBe(5)
  expect(stdout).toContain('EACCES')
  expect(stdout).toMatch(/Could not look \(\d+\)/)
  expect(stdout).not.toMatch(/--apply\n$/)
})

describe('--out', () => {
  test('writes the files, the plan and the runbook into a new folder', async () => {
    const out = join(folder, 'new')
    const {stdout} = await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '--out', out)
    expect(readdirSync(out).sort()).toEqual(['PLAN.md', 'files', 'migrate.sh', 'plan.json'])
    expect(stdout).toContain('PLAN.md, migrate.sh, plan.json, files/')
    expect(statSync(join(out, 'migrate.sh')).mode & 0o777).toBe(0o755)
    const plan = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as Plan
    for (const {path, text = ''} of plan.files) expect(readFileSync(join(out, 'files', path), 'utf8')).toBe(text)
    expect((await rtctl('migrate', '--plan', join(out, 'plan.json'))).stdout).toContain('lab-node: dockershim')
  })

  test('takes an empty folder, and leaves nothing beside it', async () => {
    const place = join(folder, 'place')
    mkdirSync(join(place, 'empty'), {recursive: true})
    await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '--out', join(place, 'empty'))
    expect(readdirSync(place)).toEqual(['empty'])
    expect(existsSync(join(place, 'empty/PLAN.md'))).toBe(true)
  })

  test('refuses a folder with something in it, a file, and a place that cannot be written', async () => {
    const full = join(folder, 'full')
    mkdirSync(full)
    writeFileSync(join(full, 'mine'), 'x')
    for (const [out, message] of [[full, 'is not empty'], [file('a-file', 'x'), 'cannot be used: ENOTDIR'], [join(folder, 'a-file/sub'), 'ENOTDIR']] as const) {
      const {stderr, stdout, status} = await rtctl('migrate', '--to', 'containerd', '--from', SNAPSHOT, '--out', out)
      expect({status, stdout}).toEqual({status: 2, stdout: ''})
      expect(stderr).toContain(message)
    }
    expect(readdirSync(full)).toEqual(['mine'])
  })
})

describe('--plan', () => {
  test('shows a stored plan in another format', async () => {
    const {stdout, status} = await rtctl('migrate', '--plan', file('plan.json', stored), '-o', 'json')
    expect(stdout).toBe(stored)
    expect(status).toBe(0)
  })

  test('is compared with a host that is named as well', async () => {
    expect((await rtctl('migrate', '--plan', file('plan.json', stored), '--from', SNAPSHOT)).stderr).toBe('')
    const {stderr, status} = await rtctl('migrate', '--plan', file('plan.json', stored), '--from', OTHER)
    expect(status).toBe(5)
    expect(stderr).toMatch(/The plan is for node lab-node, and this is [\w-]+\.\n/)
  })

  test('refuses a plan that does not fit a node that changed', async () => {
    const {stderr, status} = await rtctl('migrate', '--plan', file('plan.json', stored), '--from', join(ROOT, 'fixtures/containerd-node/snapshot.jsonl'))
    expect(status).toBe(5)
    expect(stderr).toContain('Node lab-node is not as it was when the plan was made')
  })

  test.each<[string, (text: string) => string, number, string]>([
    ['that was edited', (text) => text.replace('docker.socket', 'sshd.socket'), 5, 'was changed after rtctl made it'],
    ['that is cut off', (text) => text.slice(0, 5000), 5, 'may be cut off'],
    ['of another version', (text) => text.replace('rtctl-plan/1', 'rtctl-plan/7'), 5, 'rtctl-plan/7'],
    ['that is something else', () => '{}', 5, 'no plan of rtctl'],
  ])('refuses a plan %s', async (_, change, code, message) => {
    const {stdout, stderr, status} = await rtctl('migrate', '--plan', file('broken.json', change(stored)))
    expect({stdout, status}).toEqual({stdout: '', status: code})
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/Make a new one with/)
  })

  test('refuses a plan that somebody made up with a fingerprint that fits', async () => {
    const {fingerprint: _, ...plan} = {...(JSON.parse(stored) as Plan), verdicts: [{}], rows: [{}]} as unknown as Plan
    const forged = JSON.stringify({...plan, fingerprint: fingerprintOf(plan, (value) => redactJson(value).value)})
    expect(await rtctl('migrate', '--plan', file('forged.json', forged))).toMatchObject({status: 5, stdout: '', stderr: expect.stringContaining('is not a whole plan')})
  })

  test('refuses what is no file', async () => {
    expect(await rtctl('migrate', '--plan', folder)).toMatchObject({status: 2, stderr: expect.stringContaining('is no file')})
    expect(await rtctl('migrate', '--plan', join(folder, 'nothing'))).toMatchObject({status: 2, stderr: expect.stringContaining('ENOENT')})
  })
})

describe('a command line that is wrong', () => {
  test.each<[string, readonly string[], string]>([
    ['no target', ['--from', SNAPSHOT], 'is not told'],
    ['a target that rtctl does not know', ['--to', 'podman'], 'Expected --to=podman to be one of: containerd, cri-o, cri-dockerd.'],
    ['a version that is none', ['--to', 'containerd', '--runtime-version', 'latest'], '"latest" is no version'],
    ['a snapshot that is none', ['--to', 'containerd', '--from', '/etc/hostname'], '/etc/hostname'],
    ['a snapshot that is not there', ['--to', 'containerd', '--from', '/nothing.jsonl'], '/nothing.jsonl'],
    ['a plan and a target', ['--to', 'containerd', '--plan', 'x'], '--to'],
    ['--apply on a snapshot', ['--to', 'containerd', '--apply', '--from', SNAPSHOT], '--from'],
    ['--apply on another root', ['--to', 'containerd', '--apply', '--root', '/mnt'], '--root'],
    ['--apply with a format', ['--to', 'containerd', '--apply', '-o', 'script'], '-o has no effect'],
    ['how to apply, without --apply', ['--to', 'containerd', '--no-drain', '--from', SNAPSHOT], '--no-drain says how to carry a plan out'],
    ['a phase without --apply', ['--to', 'containerd', '--phase', 'images', '--from', SNAPSHOT], '--phase'],
  ])('%s costs a clear sentence and status 2', async (_, argv, message) => {
    const {stdout, stderr, status} = await rtctl('migrate', ...argv)
    expect({stdout, status}).toEqual({stdout: '', status: 2})
    expect(stderr).toContain(message)
  })
})
