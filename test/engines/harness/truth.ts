// SPDX-License-Identifier: Apache-2.0
import type {Engines} from './engines.ts'
import {processRow} from './processes.ts'

/** One container as its own engine describes it. What an engine does not know is undefined. */
export interface TrueContainer {
  readonly id: string
  readonly kind: 'sandbox' | 'container'
  readonly engine: 'docker' | 'containerd'
  readonly engineNamespace: string
  readonly name: string | undefined
  /** `namespace/name` */
  readonly pod: string | undefined
  readonly image: string | undefined
  readonly state: string
  readonly pid: number | undefined
  readonly shimPid: number | undefined
  readonly runtime: string
  readonly logPath: string | undefined
  readonly init: boolean
  /** `32768->8080/tcp` */
  readonly ports: readonly string[]
}

/** Asks `docker`, `ctr` and the process table what runs under these engines, ordered by id. */
export async function truthOf(engines: Engines): Promise<TrueContainer[]> {
  const docker = engines.dockerSocket === undefined ? [] : await dockerTruth(engines)
  const names = (await engines.ctr('default', 'namespaces', 'ls', '-q')).split('\n').filter(Boolean)
  const others = names.filter(name => engines.dockerSocket === undefined || name !== 'moby')
  const containerd = await Promise.all(others.map(name => containerdTruth(engines, name)))
  return [...docker, ...containerd.flat()].sort((a, b) => a.id < b.id ? -1 : 1)
}

/** The part of `docker inspect` that is compared. */
interface DockerInspect {
  readonly Id: string
  readonly Name: string
  readonly LogPath: string
  readonly Config: {readonly Image: string}
  readonly State: {readonly Status: string; readonly Pid: number}
  readonly HostConfig: {readonly Runtime: string; readonly Init: boolean | null}
  readonly NetworkSettings: {readonly Ports: Readonly<Record<string, readonly {readonly HostPort: string}[] | null>>}
}

async function dockerTruth(engines: Engines): Promise<TrueContainer[]> {
  const ids = (await engines.docker('ps', '--all', '--quiet', '--no-trunc')).split('\n').filter(Boolean)
  if (ids.length === 0) return []
  const rows = JSON.parse(await engines.docker('inspect', ...ids)) as DockerInspect[]
  return rows.map(row => ({
    id: row.Id, kind: 'container', engine: 'docker', engineNamespace: 'moby', name: row.Name.slice(1), pod: undefined,
    image: row.Config.Image, state: row.State.Status, ...pids(row.State.Pid), runtime: row.HostConfig.Runtime,
    logPath: row.LogPath || undefined, init: row.HostConfig.Init === true,
    ports: Object.entries(row.NetworkSettings.Ports).flatMap(([inside, outside]) => (outside ?? []).map(({HostPort}) => `${HostPort}->${inside}`)),
  }))
}

/** The part of `ctr containers info` that is compared. */
interface CtrInfo {
  readonly ID: string
  readonly Image: string
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Runtime: {readonly Name: string; readonly Options: {readonly value?: string} | null}
  readonly Extensions?: Readonly<Record<string, {readonly value?: string}>>
}

async function containerdTruth(engines: Engines, namespace: string): Promise<TrueContainer[]> {
  const ids = (await engines.ctr(namespace, 'containers', 'ls', '-q')).split('\n').filter(Boolean)
  const tasks = new Map((await engines.ctr(namespace, 'tasks', 'ls')).split('\n').slice(1).map(row => {
    const [id = '', pid = '', state = ''] = row.split(/\s+/)
    return [id, {pid: Number(pid), state: state.toLowerCase()}] as const
  }))
  return Promise.all(ids.map(async id => {
    const info = JSON.parse(await engines.ctr(namespace, 'containers', 'info', id)) as CtrInfo
    const labels = info.Labels ?? {}
    const task = tasks.get(id)
    const podName = labels['io.kubernetes.pod.name']
    return {
      id, kind: labels['io.cri-containerd.kind'] === 'sandbox' ? 'sandbox' : 'container', engine: 'containerd', engineNamespace: namespace,
      name: labels['io.kubernetes.container.name'],
      pod: podName === undefined ? undefined : `${labels['io.kubernetes.pod.namespace']}/${podName}`,
      image: info.Image, state: task === undefined || task.state === 'stopped' ? 'exited' : task.state,
      ...pids(task?.state === 'stopped' ? 0 : task?.pid ?? 0),
      runtime: ociRuntime(info), logPath: criLogPath(info), init: false, ports: [],
    } as const
  }))
}

/** The parent of a container's first process is its shim. */
function pids(pid: number): {readonly pid: number | undefined; readonly shimPid: number | undefined} {
  return pid === 0 ? {pid: undefined, shimPid: undefined} : {pid, shimPid: processRow(pid)?.ppid}
}

/** The runtime's options are a protobuf message whose only path-like text is the binary's name. */
function ociRuntime({Runtime}: CtrInfo): string {
  const options = Buffer.from(Runtime.Options?.value ?? '', 'base64').toString('latin1')
  return /\/(crun|runsc)\b/.exec(options)?.[1] ?? Runtime.Name.replace(/^io\.containerd\.(\w+)\.v\d$/, '$1')
}

function criLogPath({Extensions}: CtrInfo): string | undefined {
  const extension = Object.entries(Extensions ?? {}).find(([name]) => name.endsWith('container.metadata'))?.[1]
  if (!extension?.value) return undefined
  const {Metadata} = JSON.parse(Buffer.from(extension.value, 'base64').toString()) as {Metadata?: {LogPath?: string}}
  return Metadata?.LogPath || undefined
}
