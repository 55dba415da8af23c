// SPDX-License-Identifier: Apache-2.0
// A stand-in for the kubelet of Kubernetes 1.20, made into one file and run on a node of the tests. It keeps the pods of the static
// manifests and of /opt/cluster/pods.json alive: through Docker as dockershim did, or over CRI, whichever its flags say.
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {createServer as createWebServer} from 'node:http'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {parse} from 'yaml'
import {criPods} from './cri-pods.ts'
import {dockerPods} from './dockershim.ts'
import type {PodRuntime, PodToRun, RunningPod} from './pods.ts'

const VERSION = 'Kubernetes v1.20.2'
/** Pods that a real one would hear of from the API server. */
const FROM_API = '/opt/cluster/pods.json'
const PERIOD_MS = 200

interface Manifest {
  readonly metadata: {readonly name: string; readonly namespace?: string}
  readonly spec: {readonly hostNetwork?: boolean; readonly containers: PodToRun['containers']}
}

interface Config {
  readonly kind?: string
  readonly staticPodPath?: string
  readonly healthzPort?: number
}

/** `--name=value`, `--name value`; a flag without a value is `true`. */
function flagsOf(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>()
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const next = words[index + 1]
    if (name !== undefined) flags.set(name, value ?? (next === undefined || next.startsWith('--') ? 'true' : next))
  }
  return flags
}

function wantedPods(manifests: string | undefined): PodToRun[] {
  const files = manifests !== undefined && existsSync(manifests) ? readdirSync(manifests).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name)) : []
  const own = files.sort().map((name): PodToRun => {
    const text = readFileSync(join(manifests ?? '', name), 'utf8')
    const {metadata, spec} = parse(text) as Manifest
    // the kubelet hashes the pod it has read
    const uid = createHash('md5').update(text).digest('hex')
    const {namespace = 'default'} = metadata
    return {name: `${metadata.name}-node-1`, namespace, uid, hostNetwork: spec.hostNetwork ?? false, source: 'file', containers: spec.containers}
  })
  return [...own, ...JSON.parse(readFileSync(FROM_API, 'utf8')) as PodToRun[]]
}

/** Removes what is not wanted or has ended, and starts what is missing. A pod that cannot be started is tried again in the next round. */
async function sync(runtime: PodRuntime, wanted: readonly PodToRun[]): Promise<void> {
  const running = await runtime.list()
  for (const pod of running) {
    if (!pod.ready || !wanted.some(({uid}) => uid === pod.uid)) await attempt(() => runtime.removeSandbox(pod))
  }
  await Promise.all(wanted.map((pod) => attempt(() => syncPod(runtime, pod, running.filter(({uid}) => uid === pod.uid)))))
}

async function syncPod(runtime: PodRuntime, pod: PodToRun, found: readonly RunningPod[]): Promise<void> {
  const alive = found.find(({ready}) => ready)
  const next = Math.max(-1, ...found.flatMap(({attempt: number, containers}) => [number, ...containers.map((container) => container.attempt)])) + 1
  const sandbox = alive?.sandbox ?? await runtime.runSandbox(pod, next)
  for (const container of pod.containers) {
    const those = alive?.containers.filter(({name}) => name === container.name) ?? []
    if (those.some(({running}) => running)) continue
    for (const {id} of those) await runtime.removeContainer(id)
    await runtime.runContainer(pod, sandbox, container, alive === undefined ? next : Math.max(next, 1))
  }
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    process.stderr.write(`${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function runtimeOf(flags: ReadonlyMap<string, string>): {readonly runtime: PodRuntime; readonly dockershim: boolean} {
  if (flags.get('container-runtime') === 'remote') {
    const endpoint = flags.get('container-runtime-endpoint') ?? ''
    if (!endpoint.startsWith('unix://')) throw new Error(`unable to determine the runtime endpoint of ${JSON.stringify(endpoint)}`)
    return {runtime: criPods(endpoint.slice('unix://'.length)), dockershim: false}
  }
  return {runtime: dockerPods('/var/run/docker.sock', flags.get('pod-infra-container-image') ?? 'k8s.gcr.io/pause:3.2'), dockershim: true}
}

async function run(): Promise<never> {
  const flags = flagsOf(process.argv.slice(2))
  const config = parse(readFileSync(flags.get('config') ?? '', 'utf8')) as Config
  if (config.kind !== 'KubeletConfiguration') throw new Error('failed to load Kubelet config file')
  const {runtime, dockershim} = runtimeOf(flags)
  // a kubelet without its runtime ends, and its unit starts it again
  await runtime.list()
  if (dockershim) {
    rmSync('/var/run/dockershim.sock', {force: true})
    createServer((socket) => socket.end()).listen('/var/run/dockershim.sock')
  }
  createWebServer((_, response) => { response.end('ok') }).listen(config.healthzPort ?? 10248, '127.0.0.1')
  for (;;) {
    await attempt(async () => sync(runtime, wantedPods(config.staticPodPath)))
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS))
  }
}

if (process.argv.includes('--version')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  process.once('SIGTERM', () => process.exit(0))
  run().catch((error: unknown) => {
    process.stderr.write(`F ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(255)
  })
}
