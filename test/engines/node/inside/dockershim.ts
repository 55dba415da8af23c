// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, rmSync, symlinkSync} from 'node:fs'
import {request} from 'node:http'
import {dirname, join} from 'node:path'
import {text} from 'node:stream/consumers'
import {cgroupParent, logFolder, podLabels, type PodRuntime, type PodToRun, type RunningPod} from './pods.ts'

const OF_PODS = encodeURIComponent('{"label":["io.kubernetes.pod.uid"]}')

/** Pods through Docker, with the names, labels, cgroups and log links that dockershim gave them (kubernetes 1.20, pkg/kubelet/dockershim). */
export function dockerPods(socket: string, sandboxImage: string): PodRuntime {
  const api = (method: string, path: string, body?: object) => call(socket, method, path, body)
  const create = async (name: string, config: object) => {
    const {Id} = await api('POST', `/containers/create?name=${encodeURIComponent(name)}`, config) as {Id: string}
    await api('POST', `/containers/${Id}/start`)
    return Id
  }
  const remove = async (id: string) => {
    await api('POST', `/containers/${id}/stop?t=2`).catch(() => {})
    await api('DELETE', `/containers/${id}?force=true`)
  }
  return {
    list: async () => podsOf(await api('GET', `/containers/json?all=true&filters=${OF_PODS}`) as readonly Listed[]),
    runSandbox: (pod, attempt) => create(nameOf(pod, 'POD', attempt), {
      Image: sandboxImage, Hostname: pod.hostNetwork ? '' : pod.name,
      Labels: {
        ...podLabels(pod), 'io.kubernetes.docker.type': 'podsandbox', 'io.kubernetes.container.name': 'POD',
        'annotation.kubernetes.io/config.source': pod.source,
      },
      HostConfig: {NetworkMode: pod.hostNetwork ? 'host' : 'none', IpcMode: 'shareable', CgroupParent: cgroupParent(pod)},
    }),
    runContainer: async (pod, sandbox, container, attempt) => {
      const link = join(logFolder(pod), container.name, `${attempt}.log`)
      const id = await create(nameOf(pod, container.name, attempt), {
        Image: container.image, Entrypoint: container.command,
        Labels: {
          ...podLabels(pod), 'io.kubernetes.docker.type': 'container', 'io.kubernetes.container.name': container.name,
          'io.kubernetes.sandbox.id': sandbox, 'io.kubernetes.container.logpath': link,
          'annotation.io.kubernetes.container.restartCount': String(attempt),
        },
        HostConfig: {NetworkMode: `container:${sandbox}`, IpcMode: `container:${sandbox}`, CgroupParent: cgroupParent(pod)},
      })
      mkdirSync(dirname(link), {recursive: true})
      rmSync(link, {force: true})
      symlinkSync(`/var/lib/docker/containers/${id}/${id}-json.log`, link)
    },
    removeContainer: remove,
    removeSandbox: async (pod) => {
      for (const {id} of pod.containers) await remove(id)
      if (pod.sandbox !== '') await remove(pod.sandbox)
    },
  }
}

const nameOf = (pod: PodToRun, container: string, attempt: number) => `k8s_${container}_${pod.name}_${pod.namespace}_${pod.uid}_${attempt}`

interface Listed {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly Labels: Readonly<Record<string, string>>
}

function podsOf(rows: readonly Listed[]): RunningPod[] {
  const attemptOf = (row: Listed) => Number(/_(\d+)$/.exec(row.Names[0] ?? '')?.[1] ?? 0)
  const byUid = Map.groupBy(rows, (row) => row.Labels['io.kubernetes.pod.uid'] ?? '')
  return [...byUid].flatMap(([uid, all]) => {
    const sandboxes = all.filter((row) => row.Labels['io.kubernetes.docker.type'] === 'podsandbox')
    const others = all.filter((row) => !sandboxes.includes(row))
    // containers whose sandbox is gone are a pod that has ended
    const ids = new Set([...sandboxes.map(({Id}) => Id), ...others.map((row) => row.Labels['io.kubernetes.sandbox.id'] ?? '')])
    return [...ids].map((id) => {
      const sandbox = sandboxes.find(({Id}) => Id === id)
      const containers = others.filter((row) => row.Labels['io.kubernetes.sandbox.id'] === id)
        .map((row) => ({id: row.Id, name: row.Labels['io.kubernetes.container.name'] ?? '', running: row.State === 'running', attempt: attemptOf(row)}))
      if (sandbox === undefined) return {uid, sandbox: '', ready: false, attempt: 0, containers}
      return {uid, sandbox: id, ready: sandbox.State === 'running', attempt: attemptOf(sandbox), containers}
    })
  })
}

function call(socketPath: string, method: string, path: string, body?: object): Promise<unknown> {
  const sent = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = {host: 'docker', 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent)}
    const asked = request({socketPath, method, path, timeout: 30_000, headers}, (response) => {
      text(response).then((answer) => {
        if ((response.statusCode ?? 500) >= 400) throw new Error(`docker ${method} ${path}: ${response.statusCode} ${answer.trim()}`)
        return answer === '' || !answer.startsWith('{') && !answer.startsWith('[') ? undefined : JSON.parse(answer) as unknown
      }).then(resolve, reject)
    })
    asked.on('timeout', () => asked.destroy(new Error(`docker ${method} ${path}: no answer`)))
    asked.on('error', reject)
    asked.end(sent)
  })
}
