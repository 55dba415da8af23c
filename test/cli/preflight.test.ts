// SPDX-License-Identifier: Apache-2.0
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import type {PreflightReport} from '../../src/model/preflight.ts'
import {NODES, ROOT, spawned} from '../support/node.ts'
import {rtctl} from './support.ts'

const SNAPSHOT = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')
const DOCKER_SOCK = `apiVersion: apps/v1
kind: Deployment
metadata: {name: builder, namespace: ci}
spec:
  template:
    spec:
      containers:
        - name: build
          image: docker.io/library/docker:20.10
          command: [docker, build, .]
          volumeMounts:
            - {name: sock, mountPath: /var/run/docker.sock}
      volumes:
        - name: sock
          hostPath:
            path: /var/run/docker.sock
`
const FINE = 'apiVersion: v1\nkind: Service\nmetadata: {name: fine}\n'

let folder = ''
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), {recursive: true})
  writeFileSync(path, text)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-preflight-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

async function report(...argv: readonly string[]): Promise<PreflightReport & {readonly status: number}> {
  const {stdout, stderr, status} = await rtctl('preflight', '-o', 'json', ...argv)
  if (!stdout.startsWith('{')) throw new Error(`${status}: ${stderr}`)
  return {...(JSON.parse(stdout) as PreflightReport), status}
}
const ids = ({findings}: PreflightReport): readonly string[] => [...new Set(findings.map(({check}) => check))].sort()

describe('manifests', () => {
  test('that mount docker.sock fail, with the place of the path', async () => {
    const path = file('bad/builder.yaml', DOCKER_SOCK)
    const found = await report(path)
    expect(found.status).toBe(3)
    expect(found.verdict.answer).toBe('no-go')
    const finding = found.findings.find(({check}) => check === 'docker-socket-mount')
    expect(finding?.place).toMatchObject({kind: 'manifest', file: path, object: {kind: 'Deployment', namespace: 'ci', name: 'builder'}, position: {line: expect.any(Number)}})
    const {position} = finding?.place.kind === 'manifest' ? finding.place : {}
    expect(DOCKER_SOCK.split('\n')[(position?.line ?? 0) - 1]).toMatch(/docker\.sock|sock/)
  })

  test('that are fine pass, in folders and patterns, also beside what does not parse', async () => {
    file('good/a.yaml', FINE)
    file('good/sub/b.yml', FINE)
    file('good/broken.yaml', 'a: [1\n')
    const {status, subjects, skipped, verdict} = await report(join(folder, 'good'))
    expect({status, objects: subjects.objects, skipped: skipped.map(({file: name}) => name)}).toEqual({status: 0, objects: 2, skipped: [join(folder, 'good/broken.yaml')]})
    expect(verdict.sentence).toContain('Nothing found that breaks')
    expect((await report(join(folder, 'good', '*.y*ml'))).subjects.objects).toBe(1)
  })

  test('come on standard input', () => {
    const script = `printf '%s' "$1" | "$2" bin/dev.js preflight -o json -`
    const {stdout, status} = spawned('sh', ['-c', script, 'sh', DOCKER_SOCK, NODES[26]])
    expect(status).toBe(3)
    expect(ids(JSON.parse(stdout) as PreflightReport)).toContain('docker-socket-mount')
  })

  test('that are not there are an error of usage', async () => {
    const {status, stderr} = await rtctl('preflight', join(folder, 'nothing.yaml'))
    expect(status).toBe(2)
    expect(stderr).toContain('nothing.yaml')
  })

  test('that may not be read make the answer incomplete', () => {
    const secret = file('closed/a.yaml', FINE)
    chmodSync(folder, 0o755)
    chmodSync(secret, 0)
    const argv = [NODES[26], 'bin/dev.js', 'preflight', '-o', 'json', secret]
    const [program, ...rest] = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--', ...argv] : argv
    const {stdout, stderr, status} = spawned(program as string, rest)
    expect(status, stderr).toBe(4)
    expect((JSON.parse(stdout) as PreflightReport).gaps).toHaveLength(1)
  })
})

describe('a recorded node', () => {
  test('is judged for the version after its own, at least 1.24', async () => {
    const found = await report('--from', SNAPSHOT)
    expect(found.upgrade).toEqual({target: 'containerd', kubernetes: '1.24'})
    expect(found.subjects.nodes).toMatchObject([{name: 'lab-node', kubelet: '1.20.2', runtime: 'Kubernetes through dockershim'}])
    expect(ids(found)).toEqual(expect.arrayContaining(['docker-socket-client', 'daemon-json-registry-mirrors', 'docker-log-rotation']))
  })

  test('has findings of its target', async () => {
    expect(ids(await report('--from', SNAPSHOT, '--target', 'cri-dockerd'))).not.toContain('daemon-json-registry-mirrors')
  })

  test('is one of several in a folder', async () => {
    const other = readFileSync(join(ROOT, 'fixtures/containerd-node/snapshot.jsonl'), 'utf8')
    file('fleet/a.jsonl', readFileSync(SNAPSHOT, 'utf8'))
    file('fleet/b.jsonl', other)
    const found = await report('--from', join(folder, 'fleet'))
    expect(found.subjects.nodes).toHaveLength(2)
    expect((await rtctl('preflight', '--from', join(folder, 'fleet'))).stdout).toMatch(/lab-node/)
  })

  test('gives the same bytes each time', async () => {
    const [first, second] = [await rtctl('preflight', '--from', SNAPSHOT), await rtctl('preflight', '--from', SNAPSHOT)]
    expect(first.stdout).toBe(second.stdout)
    expect(first.stdout).not.toContain('\u001b[')
  })

  test('that is no snapshot is an error of usage', async () => {
    const {status, stderr} = await rtctl('preflight', '--from', file('no-snapshot.jsonl', 'hello\n'))
    expect(status).toBe(2)
    expect(stderr).toContain('no-snapshot.jsonl')
    expect((await rtctl('preflight', '--from', file('empty/readme.txt', '').replace('/readme.txt', ''))).stderr).toContain('There is no snapshot in')
  })
})

describe('what fails', () => {
  test('is what --fail-on says', async () => {
    const path = file('fail/builder.yaml', DOCKER_SOCK)
    expect((await report('--fail-on', 'never', path)).status).toBe(0)
    expect((await report('--fail-on', 'info', path)).status).toBe(3)
  })

  test('is only what is new, with a baseline', async () => {
    const [path, baseline] = [file('base/builder.yaml', DOCKER_SOCK), join(folder, 'baseline.json')]
    expect((await report('--write-baseline', baseline, path)).status).toBe(0)
    const again = await report('--baseline', baseline, path)
    expect(again).toMatchObject({status: 0, verdict: {answer: 'go'}})
    expect(again.verdict.accepted).toBeGreaterThan(0)
    file('base/second.yaml', DOCKER_SOCK.replace('builder', 'another'))
    expect((await report('--baseline', baseline, join(folder, 'base'))).status).toBe(3)
  })

  test('is nothing that a waiver or --ignore accepts, until the waiver expires', async () => {
    const path = file('waived/builder.yaml', DOCKER_SOCK)
    const high = [...new Set((await report(path)).findings.filter(({severity}) => severity === 'high' || severity === 'blocker').map(({check}) => check))]
    expect((await report(...high.flatMap((id) => ['--ignore', id]), path)).status).toBe(0)
    const waivers = (expires: string) => file(`waivers-${expires}.yaml`, high.map((id) => `- {id: ${id}, reason: it is retired soon, expires: ${expires}}\n`).join(''))
    expect((await report('--waivers', waivers('2999-01-01'), path)).status).toBe(0)
    const late = await report('--waivers', waivers('2020-01-01'), '--fail-on', 'blocker', path)
    expect(late.status).toBe(3)
    expect(ids(late)).toContain('expired-waiver')
  })

  test('is told by .rtctl.yaml, and flags win', async () => {
    const config = file('settings/.rtctl.yaml', `fail-on: never\nkubernetes: 1.30\npaths: [manifests]\n`)
    file('settings/manifests/builder.yaml', DOCKER_SOCK)
    expect(await report('--config', config)).toMatchObject({status: 0, upgrade: {kubernetes: '1.30'}, subjects: {files: 1}})
    expect(await report('--config', config, '--fail-on', 'high', '--kubernetes', '1.31')).toMatchObject({status: 3, upgrade: {kubernetes: '1.31'}})
    const wrong = await rtctl('preflight', '--config', file('wrong.yaml', 'target: containerd\nfailon: high\n'))
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toMatch(/wrong\.yaml:2.*fail-on/s)
  })

  test('ends as node-problem-detector expects, with -o npd', async () => {
    expect(await rtctl('preflight', '-o', 'npd', file('npd/bad.yaml', DOCKER_SOCK))).toMatchObject({status: 1, stdout: expect.stringMatching(/^.{1,80}\n$/)})
    expect((await rtctl('preflight', '-o', 'npd', file('npd/good.yaml', FINE))).status).toBe(0)
    expect(await rtctl('preflight', '-o', 'npd', join(folder, 'npd/none.yaml'))).toMatchObject({status: 2, stdout: expect.stringMatching(/^.{1,80}\n$/)})
  })
})

describe('the checks', () => {
  test('are listed, all of them', async () => {
    const {stdout, status} = await rtctl('preflight', '--list-checks')
    expect(status).toBe(0)
    expect(checks.filter(({id}) => !stdout.includes(id))).toEqual([])
    expect(JSON.parse((await rtctl('preflight', '--list-checks', '--json')).stdout)).toHaveLength(checks.length)
  })

  test('are explained', async () => {
    const {stdout, status} = await rtctl('explain', 'docker-socket-client')
    expect(status).toBe(0)
    expect(stdout).toContain('docker-socket-client')
    expect(JSON.parse((await rtctl('explain', 'docker-socket-client', '--json')).stdout)).toMatchObject({id: 'docker-socket-client', severity: 'high'})
    expect((await rtctl('explain', 'docker-socket-clients')).status).toBe(2)
  })
})

describe('every format', () => {
  test.each(['human', 'json', 'yaml', 'sarif', 'junit', 'html', 'markdown', 'prometheus', 'npd'])('%s has something to say of a node with findings', async (format) => {
    const {stdout, stderr} = await rtctl('preflight', '--from', SNAPSHOT, '-o', format)
    expect(stdout.length, stderr).toBeGreaterThan(20)
    expect(stderr).toBe('')
  })

  test('--json is the same as -o json', async () => {
    expect(JSON.parse((await rtctl('preflight', '--json', '--from', SNAPSHOT)).stdout)).toEqual(JSON.parse((await rtctl('preflight', '-o', 'json', '--from', SNAPSHOT)).stdout))
  })

  test('is one of those there are', async () => {
    expect(await rtctl('preflight', '-o', 'toml')).toMatchObject({status: 2, stderr: expect.stringContaining('-o')})
    expect((await rtctl('preflight', '--kubernetes', 'new', '--from', SNAPSHOT)).stderr).toContain('no version')
  })
})
