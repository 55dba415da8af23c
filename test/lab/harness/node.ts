// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {eventually} from '../../engines/harness/run.ts'
import {diskDirectory, NODE, renewDisk} from './disk.ts'
import {inside, insideCommand, powerOn, pullPlug, type InsideOptions} from './machine.ts'

/** What the API server says of a pod. */
export interface PodRow {
  /** `default/invoice` */
  readonly name: string
  readonly uid: string
  readonly phase: string
  /** all its containers are ready */
  readonly ready: boolean
  /** `docker`, `containerd`: the prefixes of its containers' ids, each once */
  readonly runtimes: readonly string[]
}

/** Pods that the files of the lab start: in `node/opt/lab/pods.yaml` and the static one. */
const PODS = 8

/** A new node that never did anything but start its pods on Docker. */
export async function resetNode(): Promise<void> {
  await pullPlug()
  await renewDisk()
  await powerOn()
  await apiAnswers()
  await fill()
}

/** Starts the node that there is, or a new one. */
export async function startNode(): Promise<void> {
  if (!existsSync(diskDirectory())) return resetNode()
  await powerOn()
  await apiAnswers()
  await eventually(90_000, nodeIsReady)
}

/** Images, kubelet, what kubeadm keeps in the cluster, the pods, and a container that is none of Kubernetes. */
async function fill(): Promise<void> {
  await eventually(60_000, () => said('docker', 'version'))
  await said('sh', '-ec', 'for image in /opt/lab/images/*.tar; do docker load --quiet --input $image; done; systemctl --quiet enable --now kubelet')
  await said('docker', 'run', '--detach', '--init', '--name', 'old-shop', '--restart', 'unless-stopped', '--publish', '18080:8080', 'lab/tools:1', 'httpd', '-f', '-p', '8080', '-h', '/www')
  await eventually(60_000, nodeIsReady)
  await said('kubeadm', 'init', 'phase', 'upload-config', 'all', '--config', '/opt/lab/kubeadm.yaml')
  // bare pods wait for the service account of their namespace
  await eventually(60_000, () => said('kubectl', 'apply', '--filename', '/opt/lab/pods.yaml'))
  await eventually(120_000, () => allRunOn('docker'))
}

/** Runs a program of the node that must succeed: gives what it printed. */
export async function said(program: string, ...args: readonly string[]): Promise<string> {
  return saidWith({}, program, ...args)
}

/** Like {@link said}, with options. */
export async function saidWith(options: InsideOptions, program: string, ...args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await inside(program, args, options)
  if (code === 0) return stdout
  throw new Error(`${program} ${args.join(' ')}: status ${code}\n${(stderr + stdout).slice(-4000)}`)
}

/** Copies a file or what is in a folder of this machine into a folder of the node. */
export async function copyIn(from: {readonly folder: string; readonly names: readonly string[]}, to: string): Promise<void> {
  await said('mkdir', '-p', to)
  const pack = spawn('tar', ['--create', '--directory', from.folder, ...from.names], {stdio: ['ignore', 'pipe', 'inherit']})
  const [program = '', ...args] = insideCommand('tar', ['--extract', '--no-same-owner', '--directory', to])
  const unpack = spawn(program, args, {stdio: [pack.stdout, 'ignore', 'inherit']})
  const [code] = await once(unpack, 'close') as [number | null]
  if (code !== 0) throw new Error(`nothing could be copied to ${to} in the lab`)
}

/** Waits for the API server. */
export async function apiAnswers(): Promise<void> {
  await eventually(60_000, () => said('kubectl', 'get', '--raw', '/readyz'))
}

/** The boot id tells this boot's "Ready" from the one of the boot before, which etcd still has. */
export async function nodeIsReady(): Promise<void> {
  const status = await nodeStatus()
  const boot = (await said('cat', '/proc/sys/kernel/random/boot_id')).trim()
  if (!status.ready || status.bootID !== boot) throw new Error('the node is not ready')
}

/** What the API server says of the node. */
export async function nodeStatus(): Promise<{readonly ready: boolean; readonly bootID: string; readonly runtime: string; readonly unschedulable: boolean; readonly annotations: Readonly<Record<string, string>>}> {
  const {metadata, spec, status} = JSON.parse(await said('kubectl', 'get', 'node', NODE.name, '--output', 'json')) as {
    readonly metadata: {readonly annotations: Readonly<Record<string, string>>}
    readonly spec: {readonly unschedulable?: boolean}
    readonly status: {
      readonly nodeInfo: {readonly bootID: string; readonly containerRuntimeVersion: string}
      readonly conditions: readonly {readonly type: string; readonly status: string}[]
    }
  }
  return {
    ready: status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    bootID: status.nodeInfo.bootID, runtime: status.nodeInfo.containerRuntimeVersion,
    unschedulable: spec.unschedulable ?? false, annotations: metadata.annotations,
  }
}

/** All pods of the cluster. */
export async function pods(): Promise<readonly PodRow[]> {
  interface Pod {
    readonly metadata: {readonly namespace: string; readonly name: string; readonly uid: string}
    readonly status: {readonly phase: string; readonly containerStatuses?: readonly {readonly ready: boolean; readonly containerID?: string}[]}
  }
  const {items} = JSON.parse(await said('kubectl', 'get', 'pods', '--all-namespaces', '--output', 'json')) as {readonly items: readonly Pod[]}
  return items.map(({metadata, status}) => {
    const containers = status.containerStatuses ?? []
    return {
      name: `${metadata.namespace}/${metadata.name}`, uid: metadata.uid, phase: status.phase,
      ready: containers.length > 0 && containers.every(({ready}) => ready),
      runtimes: [...new Set(containers.map(({containerID = ''}) => containerID.split('://')[0] ?? ''))],
    }
  }).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @throws Error naming the pods that do not run, until all of the lab's run in that runtime */
export async function allRunOn(runtime: string, count = PODS): Promise<void> {
  const all = await pods()
  const bad = all.filter(({phase, ready, runtimes}) => phase !== 'Running' || !ready || runtimes.join() !== runtime)
  if (bad.length > 0 || all.length < count) throw new Error(`of ${all.length} pods, these do not run on ${runtime}: ${bad.map(({name}) => name).join(', ')}`)
}
