// SPDX-License-Identifier: Apache-2.0
import type {ExampleFile, ExampleProcess, NodeContext, Proof, Unknown} from '../../model/check.ts'
import type {DockerContainer} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {unreadableOf} from './define.ts'

/** Containers of Docker that run and that no kubelet made, and why not all could be known. */
export interface OwnContainers {
  readonly containers: readonly DockerContainer[]
  readonly unknown: readonly Unknown[]
}

/** Running containers of the host's Docker that are not of a pod: the kubelet names its own k8s_… and labels them. */
export function containersOutsideKubernetes({facts, chain}: NodeContext): OwnContainers {
  const running = new Set(chain.containers.filter(({state, inside}) => (state === 'running' || state === 'paused') && inside === undefined).map(({id}) => id))
  const dockers = facts.dockers.filter(({pid}) => pid !== undefined && facts.processes.inside[pid] === undefined)
  const listed = dockers.map(({containers, api}) => ({all: valueOf(containers) ?? valueOf(api)?.containers, containers, api}))
  return {
    containers: listed.flatMap(({all = []}) => all.filter(({id, name, labels}) => running.has(id) && !name.startsWith('k8s_') && labels['io.kubernetes.pod.uid'] === undefined)),
    unknown: listed.flatMap(({all, containers}) => (all === undefined ? unreadableOf(containers) : [])),
  }
}

export type ContainerKind = 'compose' | 'swarm' | 'kubelet' | 'control-plane' | 'other'

/** What a container outside Kubernetes is part of. */
export function kindOf({name, image = '', labels}: DockerContainer): ContainerKind {
  const program = image.replace(/@.*$/, '').split('/').at(-1)?.split(':')[0] ?? ''
  if ([name, program].some((word) => /^kube-(?:apiserver|controller-manager|scheduler|proxy)$/.test(word))) return 'control-plane'
  if (name === 'kubelet') return 'kubelet'
  if (labels['com.docker.compose.project'] !== undefined) return 'compose'
  if (/^etcd\d*$/.test(name) || program === 'etcd') return 'control-plane'
  return labels['com.docker.swarm.service.id'] === undefined ? 'other' : 'swarm'
}

/** `web (nginx:1.27, ports 8080->80/tcp)` */
export function containerText({name, id, image, ports}: DockerContainer): string {
  const about = [image ?? '', ports.length > 0 ? `ports ${ports.slice(0, 5).join(', ')}` : ''].filter((part) => part !== '').join(', ')
  return `${name || id.slice(0, 12)}${about === '' ? '' : ` (${about})`}`
}

/** The evidence for a container: where Docker keeps it. */
export function containerProof({source, name, id, image, pid}: DockerContainer): Proof {
  return {source, text: `${name || id.slice(0, 12)}: ${image ?? 'image unknown'}${pid === undefined ? '' : `, pid ${pid}`}`}
}

interface ExampleContainer {
  readonly name: string
  readonly image: string
  readonly labels?: Readonly<Record<string, string>>
  /** `sha256:…` */
  readonly imageId?: string
}

/** Files and processes of a host whose Docker runs containers, for examples. */
export function exampleDocker(...containers: readonly ExampleContainer[]): {files: Record<string, ExampleFile>; processes: Record<number, string | ExampleProcess>} {
  const files: Record<string, ExampleFile> = {'/run/containerd/containerd.sock': {socket: true}}
  const processes: Record<number, string | ExampleProcess> = {
    640: '/usr/bin/containerd', 812: '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock',
  }
  for (const [index, {name, image, imageId = '', labels = {}}] of containers.entries()) {
    const id = String(index + 1).repeat(64).slice(0, 64)
    const pid = 1001 + index * 10
    processes[pid - 1] = `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${id} -address /run/containerd/containerd.sock`
    processes[pid] = {argv: [`/bin/${name}`], ppid: pid - 1, cgroup: `/system.slice/docker-${id}.scope`}
    files[`/var/lib/docker/containers/${id}/config.v2.json`] = JSON.stringify({
      ID: id, Name: `/${name}`, Image: imageId, State: {Running: true, Pid: pid, StartedAt: '2026-01-01T00:00:00Z'}, Config: {Image: image, Labels: labels},
    })
  }
  return {files, processes}
}
