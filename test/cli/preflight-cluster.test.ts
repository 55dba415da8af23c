// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, expect, test} from 'vitest'
import type {PreflightReport} from '../../src/model/preflight.ts'
import {type FakeApiServer, type FakeApiServerOptions, type FakeList, listOf, refusal, startApiServer, withEmpty} from '../support/api-server.ts'
import {rtctl} from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-preflight-cluster-'))
const kubeconfig = join(folder, 'config')
let server: FakeApiServer | undefined
afterEach(() => server?.close())
afterAll(() => rmSync(folder, {recursive: true, force: true}))

async function start(lists: readonly FakeList[], more: Partial<FakeApiServerOptions> = {}): Promise<FakeApiServer> {
  server = await startApiServer({lists: withEmpty(lists), tls: true, token: 'sesame', ...more})
  writeFileSync(kubeconfig, server.kubeconfig())
  return server
}

const preflight = (...more: readonly string[]) => rtctl('preflight', '--cluster', '--kubeconfig', kubeconfig, ...more)
const reportOf = (stdout: string) => JSON.parse(stdout) as PreflightReport

const agent = {
  metadata: {name: 'agent', namespace: 'monitoring'},
  spec: {template: {spec: {containers: [{name: 'agent', image: 'example.com/agent:1', volumeMounts: [{name: 'docker', mountPath: '/var/run/docker.sock'}]}], volumes: [{name: 'docker', hostPath: {path: '/var/run/docker.sock'}}]}}},
}
const oldNode = {metadata: {name: 'n1'}, status: {nodeInfo: {kubeletVersion: 'v1.23.17', containerRuntimeVersion: 'docker://20.10.24', operatingSystem: 'linux'}}}
const newNode = {metadata: {name: 'n1'}, status: {nodeInfo: {kubeletVersion: 'v1.36.1', containerRuntimeVersion: 'containerd://2.3.0', operatingSystem: 'linux'}}}

test('finds what breaks in a cluster, for the version after the one that it has', async () => {
  await start([listOf('/api/v1/nodes', [oldNode]), listOf('/apis/apps/v1/daemonsets', [agent])])
  const {stdout, status} = await preflight('-o', 'json')
  const {findings, subjects, upgrade, verdict} = reportOf(stdout)
  expect(status).toBe(3)
  expect(verdict.answer).toBe('no-go')
  expect(upgrade.kubernetes).toBe('1.24')
  expect(subjects.cluster).toEqual({context: 'fake', version: 'v1.23.17'})
  expect(findings.find(({check}) => check === 'node-on-dockershim')?.place).toEqual({
    kind: 'cluster', context: 'fake', object: {apiVersion: 'v1', kind: 'Node', namespace: '', name: 'n1'}, path: 'status.nodeInfo.containerRuntimeVersion',
  })
  expect(findings.find(({check}) => check === 'docker-socket-mount')?.place).toMatchObject({kind: 'cluster', object: {kind: 'DaemonSet', namespace: 'monitoring', name: 'agent'}})
})

test('says go for a cluster where nothing breaks', async () => {
  await start([listOf('/api/v1/nodes', [newNode])], {version: 'v1.36.1'})
  const {stdout, status} = await preflight('-o', 'json')
  expect(reportOf(stdout).findings).toEqual([])
  expect([status, reportOf(stdout).verdict.answer]).toEqual([0, 'go'])
})

test('is incomplete where it may not read something, and says which right is missing', async () => {
  await start([listOf('/api/v1/nodes', [newNode])], {version: 'v1.36.1', fault: ({pathname}) => (pathname === '/api/v1/configmaps' ? refusal(403, 'forbidden') : undefined)})
  const {stdout, status} = await preflight('-o', 'json')
  expect(status).toBe(4)
  expect(reportOf(stdout).gaps).toMatchObject([{what: 'configmaps', source: 'context fake'}])
  expect((await preflight()).stdout).toContain('configmaps')
})

test('looks at the namespace that it is told, only', async () => {
  const {requests} = await start([listOf('/api/v1/nodes', [oldNode]), listOf('/apis/apps/v1/daemonsets', [agent])], {namespaces: ['monitoring', 'web']})
  expect(reportOf((await preflight('-n', 'web', '-o', 'json')).stdout).findings).toEqual([])
  expect(requests.filter((path) => path.includes('/nodes'))).toEqual([])
  expect(reportOf((await preflight('-n', 'web', '-n', 'monitoring', '-o', 'json')).stdout).findings.map(({check}) => check)).toContain('docker-socket-mount')
})

test.each([
  ['no such context', ['--context', 'prod'], 2, 'There is no context prod'],
  ['no such namespace', ['-n', 'nowhere'], 2, 'There is no namespace nowhere'],
])('refuses %s', async (_, more, status, message) => {
  await start([])
  const answer = await preflight(...more)
  expect([answer.status, answer.stdout]).toEqual([status, ''])
  expect(answer.stderr).toContain(message)
})

test('says that nobody answers, where nobody does', async () => {
  await (await start([])).close()
  const {status, stderr} = await preflight()
  expect(status).toBe(8)
  expect(stderr).toMatch(/cannot be reached: .*ECONNREFUSED/)
})

test('says that the server does not know who asks', async () => {
  await start([])
  writeFileSync(kubeconfig, server?.kubeconfig().replace('sesame', 'wrong') ?? '')
  const {status, stderr} = await preflight()
  expect(status).toBe(8)
  expect(stderr).toContain('does not know who asks: HTTP 401')
})

test('keeps what a stranger wrote into an object out of the terminal', async () => {
  const evil = {...agent, metadata: {name: 'a\u001b[2Jb', namespace: 'monitoring'}}
  await start([listOf('/apis/apps/v1/daemonsets', [evil])])
  const {stdout} = await preflight()
  expect(stdout).not.toContain('\u001b[2J')
  expect(stdout).toContain('docker.sock')
})
