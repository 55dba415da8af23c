// SPDX-License-Identifier: Apache-2.0
// Writes fixtures/cri/: what crictl printed on real engines, and what the engines had answered it. As root:
// `CRICTL=/path/to/crictl node scripts/record-parity.ts [bookworm|trixie|forky …]`. crictl is no part of this project.
import {spawn} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {type Engines, startEngines} from '../test/engines/harness/engines.ts'
import type {Suite} from '../test/engines/harness/packages.ts'
import {type Exchange, recordCri} from '../test/support/cri-tape.ts'
import type {ParityCase} from '../test/support/parity.ts'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/cri')
const IMAGE = 'docker.io/rtctl-test/busybox:1'

/** What the verbs are asked about. */
interface Workload {
  readonly pods: readonly [ready: string, long: string, notReady: string]
  readonly containers: readonly [running: string, exited: string, created: string]
}

interface Output {
  readonly stdout: string
  readonly status: number
}

if (import.meta.main) {
  const crictl = process.env['CRICTL']
  if (crictl === undefined) throw new Error('set CRICTL to the path of a crictl')
  const suites = process.argv.length > 2 ? process.argv.slice(2) as Suite[] : ['bookworm', 'trixie', 'forky'] as const
  for (const suite of suites) await recordSuite(suite, crictl)
}

async function recordSuite(suite: Suite, crictl: string): Promise<void> {
  const engines = await startEngines(suite, {docker: false, cri: true})
  try {
    const workload = await populate(engines, (...argv) => run(crictl, engines.containerdSocket, argv))
    const cases: ParityCase[] = []
    for (const argv of verbs(workload)) cases.push(await recordCase(engines, crictl, argv))
    await clean(engines, crictl)
    mkdirSync(FOLDER, {recursive: true})
    // One case a line: a change of one shows as one.
    writeFileSync(join(FOLDER, `${suite}.jsonl`), cases.map((one) => `${JSON.stringify(one)}\n`).join(''))
    process.stdout.write(`${suite}: ${cases.length} answers\n`)
  } finally {
    const left = await engines.stop()
    if (left.length > 0) process.stderr.write(`left behind: ${left.join(', ')}\n`)
  }
}

/** Three pods, containers in every state. */
async function populate(engines: Engines, crictl: (...argv: string[]) => Promise<Output>): Promise<Workload> {
  const sleep = ['sleep', '3600']
  const web = await engines.runPod({
    name: 'web', namespace: 'shop',
    containers: [{name: 'app', image: IMAGE, command: sleep}, {name: 'job', image: IMAGE, command: ['sh', '-c', 'exit 3']}],
  })
  const long = await engines.runPod({
    name: 'a-deployment-with-a-very-long-name-6d4b75cb6d-x7k2p', namespace: 'kube-system', hostNetwork: true,
    containers: [{name: 'proxy', image: IMAGE, command: sleep}],
  })
  const gone = await engines.runPod({name: 'gone', namespace: 'default', containers: [{name: 'last', image: IMAGE, command: sleep}]})
  await expectDone(crictl('stopp', gone.sandboxId))
  const folder = join(engines.directory, 'configs')
  mkdirSync(folder)
  writeFileSync(join(folder, 'pod.json'), JSON.stringify({metadata: {name: 'web', namespace: 'shop', uid: web.uid}, log_directory: web.logDirectory}))
  writeFileSync(join(folder, 'container.json'), JSON.stringify({
    metadata: {name: 'waiting', attempt: 2}, image: {image: IMAGE}, command: sleep, log_path: 'waiting/2.log',
    labels: {'io.kubernetes.container.name': 'waiting', tier: 'front'}, annotations: {note: 'made, not started'},
    envs: [{key: 'GREETING', value: 'hello'}], linux: {resources: {memory_limit_in_bytes: 67_108_864, cpu_shares: 512}},
  }))
  const created = await expectDone(crictl('create', web.sandboxId, join(folder, 'container.json'), join(folder, 'pod.json')))
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const {app = '', job = ''} = web.containers
  return {pods: [web.sandboxId, long.sandboxId, gone.sandboxId], containers: [app, job, created.stdout.trim()]}
}

/** Every verb that only reads, in every form. `stats` come last: they take a second each. */
function verbs({pods: [ready, long, notReady], containers: [running, exited, created]}: Workload): readonly (readonly string[])[] {
  // crictl reads no flags after the first argument
  const forms = (verb: string, ...rest: string[]) => [[verb, ...rest], [verb, '-o', 'json', ...rest], [verb, '-o', 'yaml', ...rest]]
  return [
    ['version'],
    ['info'], ['info', '-o', 'yaml'], ['info', '-q'], ['info', '-o', 'go-template', '--template', '{{.status.conditions}}'],
    ...forms('pods'), ...forms('ps'), ...forms('ps', '-a'), ...forms('images'),
    ['pods', '-q'], ['pods', '-v'], ['pods', '--no-trunc'], ['pods', '--name', '^we'], ['pods', '--namespace', 'kube'], ['pods', '-s', 'ready'],
    ['pods', '--state', 'NotReady'], ['pods', '--label', 'io.kubernetes.pod.name=web'], ['pods', '-l'], ['pods', '-n', '2'], ['pods', '--id', long],
    ['pods', '--id', long.slice(0, 10)], ['pods', '--name', 'nobody'],
    ['ps', '-q'], ['ps', '-a', '-q'], ['ps', '-a', '-v'], ['ps', '--no-trunc'], ['ps', '-r'], ['ps', '-a', '--name', 'o'], ['ps', '-s', 'exited'],
    ['ps', '--state', 'Created'], ['ps', '-p', ready], ['ps', '-a', '--pod', notReady], ['ps', '-a', '--label', 'tier=front'], ['ps', '--image', IMAGE],
    ['ps', '-a', '-l'], ['ps', '-n', '2'], ['ps', '--namespace', 'shop'], ['ps', '-a', '--id', exited], ['ps', '--id', running.slice(0, 12)],
    ['images', '-q'], ['images', '-v'], ['images', '--digests'], ['images', '--no-trunc'], ['images', IMAGE], ['images', '--pinned'], ['images', 'nothing'],
    ...forms('inspect', running), ['inspect', running, exited], ['inspect', '-o', 'table', exited], ['inspect', '-q', created], ['inspect', created.slice(0, 10)],
    ['inspect', '-o', 'go-template', '--template', '{{.status.state}} {{.info.pid}}', running],
    ['inspect', '--name', 'app'], ['inspect', '-o', 'table', running, created],
    ...forms('inspectp', ready), ['inspectp', ready, notReady], ['inspectp', '-o', 'table', notReady], ['inspectp', '-q', long],
    ['inspectp', '-o', 'go-template', '--template', '{{range $k, $v := .status.labels}}{{$k}}={{$v}};{{end}}', ready],
    ...forms('inspecti', IMAGE), ['inspecti', '-o', 'table', IMAGE], ['inspecti', '-q', IMAGE],
    ...forms('imagefsinfo'), ['imagefsinfo', '-o', 'table'],
    ['runtime-config'], ['metricdescs'], ['metricsp'],
    ['inspect', 'nothing'], ['inspectp', 'nothing'], ['inspecti', 'nothing'],
    ['stats', '-o', 'json'], ['stats', '-a', '-o', 'yaml'], ['stats', '--id', running, '-o', 'json'], ['stats', '-a'], ['stats', '-p', ready],
    ['statsp', '-o', 'json'], ['statsp', '-o', 'yaml'], ['statsp'], ['statsp', '--id', ready, '-o', 'json'],
  ]
}

async function recordCase(engines: Engines, crictl: string, argv: readonly string[]): Promise<ParityCase> {
  const socket = join(engines.directory, 'tape.sock')
  const tape = await recordCri(engines.containerdSocket, socket)
  try {
    const {stdout, status} = await run(crictl, socket, argv)
    return {argv, at: tape.lastAt, stdout, status, exchanges: withoutGreeting(tape.exchanges)}
  } finally {
    tape.stop()
  }
}

/** crictl asks for the filesystems first, only to see whether an image service is there (k8s.io/cri-client, remote_image.go). */
function withoutGreeting(exchanges: readonly Exchange[]): readonly Exchange[] {
  const greeting = exchanges.findIndex(({path}) => path.endsWith('/ImageFsInfo'))
  return exchanges.filter((_, index) => index !== greeting)
}

async function clean(engines: Engines, crictl: string): Promise<void> {
  await expectDone(run(crictl, engines.containerdSocket, ['rmp', '-a', '-f']))
}

async function expectDone(output: Promise<Output>): Promise<Output> {
  const done = await output
  if (done.status !== 0) throw new Error(`crictl failed: ${done.stdout}`)
  return done
}

/** Runs crictl with no configuration but the endpoint. */
async function run(crictl: string, socket: string, argv: readonly string[]): Promise<Output> {
  const child = spawn(crictl, ['--timeout', '30s', '--runtime-endpoint', `unix://${socket}`, ...argv], {stdio: ['ignore', 'pipe', 'inherit']})
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  const status = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  return {stdout, status}
}
