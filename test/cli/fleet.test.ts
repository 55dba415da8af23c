// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {writeSyntheticHost} from '../../bench/synthetic-host.ts'
import {itemOf} from '../../src/app/fleet/config-map.ts'
import type {FleetReport, NodeReport} from '../../src/model/fleet.ts'
import type {JsonObject} from '../../src/model/json.ts'
import {EMPTY_LISTS, type FakeApiServer, type FakeApiServerOptions, type FakeObject, listOf, refusal, startApiServer} from '../support/api-server.ts'
import {nodeObject, nodeReport, published, reportWith} from '../support/fleet.ts'
import {ROOT} from '../support/node.ts'
import {rtctl} from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-fleet-'))
const host = join(folder, 'host')
const kubeconfig = join(folder, 'config')
let server: FakeApiServer | undefined
beforeAll(() => {
  writeSyntheticHost(host, {processes: 60, containers: 5})
  mkdirSync(join(host, 'etc/docker'), {recursive: true})
  writeFileSync(join(host, 'etc/docker/daemon.json'), '{"proxies": {"http-proxy": "http://user:hunter2hunter2@proxy.example:3128"}}')
})
afterEach(() => server?.close())
afterAll(() => rmSync(folder, {recursive: true, force: true}))

async function start(objects: readonly FakeObject[] = [], nodes: readonly FakeObject[] = [], more: Partial<FakeApiServerOptions> = {}): Promise<FakeApiServer> {
  const lists = [...EMPTY_LISTS.filter(({path}) => !/configmaps|nodes/.test(path)), listOf('/api/v1/configmaps', objects), listOf('/api/v1/nodes', nodes)]
  server = await startApiServer({lists, tls: true, token: 'sesame', ...more})
  writeFileSync(kubeconfig, server.kubeconfig())
  return server
}

/** Reports that are an hour old on the day of the test. */
const recent = (report: NodeReport): FakeObject => published({...report, time: new Date(Date.now() - 3_600_000).toISOString()})
const fleet = (verb: string, ...more: readonly string[]) => rtctl('fleet', verb, '--kubeconfig', kubeconfig, ...more)
const reportOf = (stdout: string) => JSON.parse(stdout) as FleetReport
const place = (name: string) => join(folder, name)

describe('rtctl fleet publish', () => {
  const publish = (...more: readonly string[]) => fleet('publish', '--root', host, '--node', 'n1', ...more)

  test('writes one ConfigMap and nothing else, and succeeds whatever the verdict is', async () => {
    const {requests, writes, written} = await start()
    const {stdout, stderr, status} = await publish()
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/ n1: .* ConfigMap rtctl\/rtctl-node-n1, \d+ KiB\n$/)
    expect(writes).toEqual(['PUT /api/v1/namespaces/rtctl/configmaps/rtctl-node-n1', 'POST /api/v1/namespaces/rtctl/configmaps'])
    expect(requests).toHaveLength(writes.length)
    expect(itemOf([...written.values()][0] as unknown as JsonObject)).toMatchObject({kind: 'report', value: {node: 'n1'}})
  })
  test('has no secret of the host in it', async () => {
    const {written} = await start()
    await publish()
    const item = itemOf([...written.values()][0] as unknown as JsonObject)
    const text = JSON.stringify(item)
    expect(text).toContain('proxy.example')
    expect(text).not.toContain('hunter2')
  })
  test('can be read back as a report', async () => {
    await start([], [nodeObject('n1')])
    await publish()
    const {stdout} = await fleet('report', '-o', 'json')
    expect(reportOf(stdout).nodes.map(({name}) => name)).toEqual(['n1'])
  })
  test('says what was written under --json', async () => {
    await start()
    expect(JSON.parse((await publish('--json')).stdout)).toMatchObject({node: 'n1', configMap: 'rtctl/rtctl-node-n1'})
  })
  test.each([
    ['no name of a node', ['fleet', 'publish', '--root', '/'], 2, 'node'], ['a name that no node has', ['fleet', 'publish', '--node', '../n1'], 2, 'no node can be named'],
    ['a duration that is none', ['fleet', 'publish', '--node', 'n1', '--every', 'soon'], 2, 'no duration'], ['a namespace that cannot be', ['fleet', 'publish', '--node', 'n1', '-n', 'A/B'], 2, 'no namespace can be named'],
  ])('refuses %s', async (_, argv, status, words) => {
    const answer = await rtctl(...argv)
    expect([answer.status, answer.stdout]).toEqual([status, ''])
    expect(answer.stderr).toContain(words)
  })
  test('says which right is missing', async () => {
    await start([], [], {fault: () => refusal(403, 'no')})
    const {status, stderr} = await publish()
    expect([status, stderr.includes('Grant create and update of configmaps in namespace rtctl')]).toEqual([8, true])
  })
  test('ends at once and without a word at SIGTERM, between two reports', {timeout: 30_000}, async () => {
    await start()
    const child = spawn('node', [join(ROOT, 'bin/dev.js'), 'fleet', 'publish', '--root', host, '--node', 'n1', '--kubeconfig', kubeconfig, '--every', '1s'], {stdio: ['ignore', 'pipe', 'pipe']})
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)))
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect([code, stderr]).toEqual([143, ''])
  })
})

describe('rtctl fleet report', () => {
  test('goes where every node can', async () => {
    await start([recent(nodeReport('a')), recent(nodeReport('b'))], [nodeObject('a'), nodeObject('b')])
    const {stdout, status} = await fleet('report')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Go: all 2 nodes are ready for Kubernetes 1\.24 on containerd\.\n/)
    expect(stdout).not.toContain('\u001b')
  })
  test('does not go where something breaks, with 3 or with what --fail-on says', async () => {
    await start([recent(reportWith('a', ['high']))], [nodeObject('a')])
    expect((await fleet('report')).status).toBe(3)
    expect((await fleet('report', '--fail-on', 'blocker')).status).toBe(0)
    expect((await fleet('report', '--fail-on', 'never')).status).toBe(0)
  })
  test('names nodes that did not answer, with 4', async () => {
    await start([recent(nodeReport('a'))], [nodeObject('a'), nodeObject('quiet')])
    const {stdout, status} = await fleet('report')
    expect([status, stdout.includes('quiet: it has no report')]).toEqual([4, true])
  })
  test('takes a report that is older than --max-age for no answer', async () => {
    await start([recent(nodeReport('a'))], [nodeObject('a')])
    expect((await fleet('report', '--max-age', '2h')).status).toBe(0)
    expect((await fleet('report', '--max-age', '30m')).status).toBe(4)
  })
  test('is incomplete where the server dies half-way, with what was read until then', async () => {
    const objects = Array.from({length: 60}, (_, index) => recent(reportWith(`n${String(index).padStart(2, '0')}`, ['low'])))
    await start(objects, objects.map((_, index) => nodeObject(`n${String(index).padStart(2, '0')}`)), {fault: ({searchParams}) => (searchParams.has('continue') ? 'die' : undefined)})
    const {stdout, status} = await fleet('report', '-o', 'json')
    expect(status).toBe(4)
    expect(reportOf(stdout).nodes).toHaveLength(25)
    expect(reportOf(stdout).gaps.map(({what}) => what)).toEqual(['reports in namespace rtctl', 'nodes of the cluster'])
  }, 30_000)
  test('still has the findings where nodes may not be listed, and says that some may be missing', async () => {
    await start([recent(reportWith('a', ['low']))], [nodeObject('a')], {fault: ({pathname}) => (pathname === '/api/v1/nodes' ? refusal(403, 'no') : undefined)})
    const {stdout, status} = await fleet('report')
    expect(status).toBe(4)
    expect(stdout).toContain('Grant list of nodes')
    expect(stdout).toContain('check-low-0')
  })
  test('lets no ConfigMap of a stranger reach the terminal as it is, or pass for an answer', async () => {
    const evil = (name: string, more: object): FakeObject => ({metadata: {name, namespace: 'rtctl', labels: {'app.kubernetes.io/name': 'rtctl', 'app.kubernetes.io/component': 'node-report'}, annotations: {'rtctl/node': 'a'}}, ...more})
    const report = reportWith('a', ['high'], {rtctl: '\u001b[31m'})
    const escapes = {...report, preflight: {...report.preflight, findings: [{...report.preflight.findings[0], title: 'boo\u001b[2J\u202e'}]}}
    await start([recent(escapes as NodeReport), evil('rtctl-node-\u001b[2Jx', {data: {'report.json': '\u0007'}}), evil('rtctl-node-b', {binaryData: {'report.json.gz': 'AAAA'}})], [nodeObject('a'), nodeObject('b')])
    for (const format of ['human', 'json', 'yaml', 'markdown', 'html']) {
      const {stdout} = await fleet('report', '-o', format)
      expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.exec(stdout), format).toBeNull()
      expect(stdout).toContain('boo')
      expect(stdout).toContain('no gzip')
    }
  })
  test('says that nobody answers, with 8', async () => {
    await (await start()).close()
    const {status, stdout, stderr} = await fleet('report')
    expect([status, stdout, stderr.includes('cannot be reached')]).toEqual([8, '', true])
  }, 30_000)
})

describe('rtctl fleet collect', () => {
  const objects = () => [recent(reportWith('a', ['high'])), recent(nodeReport('b'))]
  const nodes = [nodeObject('a'), nodeObject('b'), nodeObject('c')]

  test.each(['fleet-folder', 'fleet.jsonl'])('writes %s, and a report of that is the report of the cluster', async (name) => {
    await start(objects(), nodes)
    const {status, stderr} = await fleet('collect', '-o', place(name))
    expect([status, stderr]).toEqual([0, `rtctl: 2 reports of 3 nodes in ${JSON.stringify(place(name))}\n`])
    const timeless = (text: string) => JSON.parse(text.replaceAll(/"time": "[^"]*"|"ageSeconds": \d+/g, '"x": 0')) as unknown
    const live = await fleet('report', '-o', 'json')
    const offline = await rtctl('fleet', 'report', '--from', place(name), '-o', 'json')
    expect(timeless(offline.stdout)).toEqual(timeless(live.stdout))
    expect(offline.status).toBe(live.status)
    expect(readdirSync(folder).filter((each) => each.startsWith(`${name}.`))).toEqual([])
  })
  test('keeps a folder and its files to the user', async () => {
    await start(objects(), nodes)
    await fleet('collect', '-o', place('private'))
    expect([statSync(place('private')).mode & 0o777, statSync(join(place('private'), 'a.json')).mode & 0o777]).toEqual([0o700, 0o600])
  })
  test('writes lines to standard output unless told otherwise', async () => {
    await start(objects(), nodes)
    const {stdout} = await fleet('collect')
    expect(stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as {kind: string}).kind)).toEqual(['rtctl-node-report', 'rtctl-node-report', 'rtctl-collection'])
  })
  test('refuses a folder that has something in it', async () => {
    await start(objects(), nodes)
    const {status, stderr} = await fleet('collect', '-o', folder)
    expect([status, stderr.includes('is not an empty folder')]).toEqual([2, true])
  })
  test('leaves nothing where it cannot write', async () => {
    await start(objects(), nodes)
    const {status, stderr} = await fleet('collect', '-o', '/proc/fleet')
    expect([status, stderr.includes('/proc/fleet cannot be written')]).toEqual([2, true])
  })
  test('ends with 4 where something could not be read, and keeps the rest', async () => {
    await start(objects(), nodes, {fault: ({pathname}) => (pathname === '/api/v1/nodes' ? refusal(403, 'no') : undefined)})
    expect((await fleet('collect', '-o', place('part'))).status).toBe(4)
    expect(readdirSync(place('part')).sort()).toEqual(['_collection.json', 'a.json', 'b.json'])
    const {status, stdout} = await rtctl('fleet', 'report', '--from', place('part'), '--fail-on', 'never')
    expect([status, stdout.includes('HTTP 403')]).toEqual([4, true])
  })
  test.each(['cut-folder', 'cut.jsonl'])('leaves nothing of %s where it is ended half-way', async (name) => {
    await start(Array.from({length: 40}, (_, index) => recent(nodeReport(`n${index + 10}`))), nodes, {fault: ({pathname}) => (pathname === '/api/v1/nodes' ? 'hang' : undefined)})
    const child = spawn('node', [join(ROOT, 'bin/dev.js'), 'fleet', 'collect', '--kubeconfig', kubeconfig, '-o', place(name)], {stdio: 'ignore'})
    while (server?.requests.some((path) => path.startsWith('/api/v1/nodes')) !== true) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(readdirSync(folder).filter((each) => each.startsWith(`${name}.`))).toHaveLength(1)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect([code, readdirSync(folder).filter((each) => each.startsWith(name))]).toEqual([143, []])
  }, 30_000)
  test('has a report that was cut off, changed or is missing found', async () => {
    await start(objects(), nodes)
    await fleet('collect', '-o', place('whole.jsonl'))
    truncateSync(place('whole.jsonl'), statSync(place('whole.jsonl')).size - 20)
    const cut = await rtctl('fleet', 'report', '--from', place('whole.jsonl'))
    expect([cut.status, cut.stderr.includes('was cut off')]).toEqual([2, true])

    await fleet('collect', '-o', place('changed'))
    writeFileSync(join(place('changed'), 'a.json'), readFileSync(join(place('changed'), 'a.json'), 'utf8').slice(0, 100))
    mkdirSync(join(place('changed'), 'x.json'))
    const changed = reportOf((await rtctl('fleet', 'report', '--from', place('changed'), '-o', 'json')).stdout)
    expect(changed.unreadable.map(({reason}) => reason)).toEqual(['it is no JSON', 'it is no file of a report, or too long'])
    expect(changed.silent.map(({name}) => name)).toEqual(['a', 'c'])
  })
  test.each([['nothing', 'nowhere', 'There is no file or folder'], ['an empty folder', 'empty', 'is no collection'], ['another file', 'config', 'is no collection']])('does not take %s for a collection', async (_, name, words) => {
    await start()
    mkdirSync(place('empty'), {recursive: true})
    const {status, stderr} = await rtctl('fleet', 'report', '--from', place(name))
    expect([status, stderr.includes(words)]).toEqual([2, true])
  })
  test('cannot be told by the name of a node to write elsewhere', async () => {
    const {status} = await start([{metadata: {name: 'rtctl-node-../../x', namespace: 'rtctl', labels: {'app.kubernetes.io/name': 'rtctl', 'app.kubernetes.io/component': 'node-report'}}, data: {'report.json': JSON.stringify({...nodeReport('a'), node: '../../x'})}}]).then(() => fleet('collect', '-o', place('escape')))
    expect([status, readdirSync(place('escape')), existsSync(join(folder, '../x.json'))]).toEqual([4, ['_collection.json'], false])
  })
})
