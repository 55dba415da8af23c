// SPDX-License-Identifier: Apache-2.0
import {containersOutsideKubernetes, kindOf} from '../checks/lib/docker-containers.ts'
import {DOCKER_CGROUP} from '../checks/kubelet/kubelet-in-docker.ts'
import {runningContainerd} from '../checks/lib/containerd.ts'
import type {Setting} from '../model/facts.ts'
import type {Origin, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {dockerEnds, kubeletFlag, type Reading} from './reading.ts'

/** Distributions of Kubernetes that write the configuration of their runtime themselves, by the program that carries the kubelet. */
const PLATFORMS: Readonly<Record<string, {readonly name: string; readonly way: string}>> = {
  k3s: {name: 'k3s', way: 'remove `docker: true` (--docker) from /etc/rancher/k3s/config.yaml and restart k3s: it brings a containerd of its own'},
  rke2: {name: 'rke2', way: 'RKE2 brings a containerd of its own; its settings are in /etc/rancher/rke2 (registries.yaml, config.toml.tmpl)'},
  k0s: {name: 'k0s', way: 'remove --cri-socket from the worker and restart it: k0s brings a containerd of its own, with settings in /etc/k0s/containerd.d'},
  kubelite: {name: 'microk8s', way: 'MicroK8s brings a containerd of its own; its settings are in /var/snap/microk8s/current/args'},
}

/** What the node runs on now. */
export function originOf(reading: Reading): Origin {
  const {facts, runtime, kubelet, docker} = reading
  const endpoint = kubelet?.endpoints[0]
  const generatedBy = platformOf(reading)?.setting
  const api = valueOf(docker?.api)
  const socket = api?.socket ?? docker?.hosts.map(({value}) => /^unix:\/\/(\/.*)$/.exec(value)?.[1]).find((path) => path !== undefined)
  return {
    runtime,
    ...(endpoint && {endpoint}),
    ...(docker?.pid !== undefined && socket !== undefined && {dockerSocket: socket}),
    ...(docker && {dockerDataRoot: api?.rootDir ?? docker.dataRoot.value}),
    versions: versionsOf(reading),
    foreignContainers: foreignContainers(reading).map(({id, name}) => ({id, name})),
    ...(generatedBy && {generatedBy}),
    systemd: valueOf(facts.machine.init) === 'systemd',
  }
}

/** What about the origin stands in the way. */
export function originRemarks(reading: Reading): readonly Remark[] {
  return [...hostRemarks(reading), ...platformRemarks(reading), ...containerRemarks(reading)]
}

function versionsOf({node, kubelet, docker, chain}: Reading): Origin['versions'] {
  const kubeletVersion = valueOf(kubelet?.version)
  const dockerVersion = valueOf(docker?.api)?.version
  const containerd = runningContainerd(node)
  const crio = chain.nodes.find(({component, inside}) => component === 'CRI-O' && inside === undefined)?.version
  return {
    ...(kubeletVersion !== undefined && {kubelet: kubeletVersion}),
    ...(dockerVersion !== undefined && {docker: dockerVersion}),
    ...(containerd !== undefined && {containerd}),
    ...(crio !== undefined && {crio}),
  }
}

// ---------------------------------------------------------------- containers

interface Foreign {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly part: string
  readonly engine: 'docker' | 'containerd'
}

const PARTS = {
  compose: 'a Compose project', swarm: 'a swarm', kubelet: 'a kubelet in Docker', 'control-plane': 'a control plane in Docker', other: '`docker run`',
} as const

/** Containers that run and that no kubelet made: those of Docker, and those that containerd has for others than Kubernetes and Docker. */
function foreignContainers({node, chain}: Reading): readonly Foreign[] {
  const ofDocker = containersOutsideKubernetes(node).containers.map((container) => ({
    id: container.id, name: container.name || container.id.slice(0, 12), engine: 'docker' as const, source: container.source,
    part: PARTS[kindOf(container)],
  }))
  const ofContainerd = chain.containers
    .filter(({engine, engineNamespace, state, inside}) =>
      engine === 'containerd' && inside === undefined && (state === 'running' || state === 'paused') && !['k8s.io', 'moby', undefined].includes(engineNamespace))
    .map(({id, name, engineNamespace = ''}) => ({
      id, name: name ?? id.slice(0, 12), engine: 'containerd' as const, source: `containerd namespace ${engineNamespace}`,
      part: `the namespace ${engineNamespace} of containerd`,
    }))
  const known = new Set(ofDocker.map(({id}) => id))
  return [...ofDocker, ...ofContainerd.filter(({id}) => !known.has(id))]
}

/** Those of a runtime that stays go on running. */
function containerRemarks(reading: Reading): readonly Remark[] {
  const {node, docker, runtime, upgrade: {target}} = reading
  const ends = dockerEnds(reading)
  const swarm = ends ? valueOf(docker?.api)?.swarm : undefined
  const controlPlane = ends ? containersOutsideKubernetes(node).containers.filter((container) => kindOf(container) === 'control-plane') : []
  const others = foreignContainers(reading).filter(({id, engine}) =>
    !controlPlane.some((one) => one.id === id) && (engine === 'docker' ? ends : runtime === 'containerd' && target !== 'containerd'))
  return [
    ...(docker !== undefined && swarm !== undefined && swarm !== 'inactive' ? [{
      level: 'blocker' as const, text: `Docker is part of a swarm (${swarm}): its services end with it, and no drain moves them.`,
      next: 'Move the services elsewhere and leave the swarm: `docker swarm leave`.', source: docker.api.source,
    }] : []),
    ...controlPlane.map(({name, source}): Remark => ({
      level: 'blocker', source,
      text: `Container ${name} is a part of the control plane, or etcd, that Docker runs beside Kubernetes: the cluster loses it with dockerd.`,
      next: 'Move it to a static pod or a systemd service first.',
    })),
    ...others.map(({name, source, part}): Remark => ({
      level: 'loss', source, text: `Container ${name} runs in no pod (${part}): it ends with the old runtime, and nothing starts it again.`,
      next: 'Make it a pod or a systemd service; or keep the old runtime beside the new one (--keep-docker).',
    })),
  ]
}

// ---------------------------------------------------------------- platform and host

/** Who carries the kubelet and writes the configuration of its runtime, if that is not the administrator. */
function platformOf({facts, kubelet}: Reading): {readonly setting: Setting; readonly way: string} | undefined {
  if (kubelet === undefined) return undefined
  const own = Object.hasOwn(PLATFORMS, kubelet.program) ? PLATFORMS[kubelet.program] : undefined
  if (own !== undefined) {
    const source = kubelet.pid === undefined ? kubelet.files[0]?.path ?? kubelet.program : `argv of pid ${kubelet.pid}`
    return {setting: {value: own.name, source}, way: own.way}
  }
  const all = valueOf(facts.processes.all) ?? []
  const ppid = all.find(({pid}) => pid === kubelet.pid)?.ppid
  const parent = all.find(({pid}) => pid === ppid)
  const carrier = Object.keys(PLATFORMS).find((name) => parent?.argv[0]?.split('/').at(-1)?.split(' ')[0] === name)
  const found = carrier === undefined ? undefined : PLATFORMS[carrier]
  return parent && found && {setting: {value: found.name, source: `argv of pid ${parent.pid}`}, way: found.way}
}

function platformRemarks(reading: Reading): readonly Remark[] {
  const platform = platformOf(reading)
  if (platform === undefined) return []
  const {setting: {value, source}, way} = platform
  return [{
    level: 'blocker', source,
    text: `${value} carries the kubelet and writes the configuration of its runtime anew at each start.`,
    next: `Use the way of ${value}: ${way}.`,
  }]
}

function hostRemarks(reading: Reading): readonly Remark[] {
  const {facts: {machine}, kubelet} = reading
  const platform = valueOf(machine.reader)?.platform
  const windows = kubelet?.endpoints.find(({value}) => value.startsWith('npipe:'))
  const remarks: Remark[] = []
  if (windows !== undefined || /windows/i.test(valueOf(machine.os) ?? '')) {
    remarks.push({
      level: 'blocker', source: windows?.source ?? machine.os.source,
      text: 'This is a Windows node: rtctl migrates nodes with Linux only.',
      next: 'Replace it by a node that was set up with containerd.',
    })
  } else if (platform !== undefined && platform !== 'linux') {
    remarks.push({
      level: 'blocker', source: machine.reader.source,
      text: `This was read on ${platform}, where nothing of a node can be seen.`,
      next: 'Run rtctl on the node, or give it a snapshot of the node.',
    })
  }
  if (kubelet === undefined) {
    remarks.push({
      level: 'blocker', source: processesOf(reading),
      text: 'There is no kubelet on this host: no node that could be moved.',
      next: 'Run rtctl on a node of a cluster, or give it a snapshot of one.',
    })
  }
  const init = valueOf(machine.init)
  if (machine.init.state !== 'unreadable' && init !== 'systemd') {
    remarks.push({
      level: 'note', source: machine.init.source,
      text: `The first process is ${init ?? 'unknown'}, not systemd: rtctl cannot stop and start services here.`,
      next: 'Print the steps as a script (`-o script`), and adapt how services are started.',
    })
  }
  return [...remarks, ...kubeletInDocker(reading), ...remoteDocker(reading)]
}

function processesOf({facts}: Reading): string {
  return facts.processes.all.source
}

/** The container of Docker that the kubelet itself runs in, by its short id. */
export function containerOfKubelet({facts, kubelet}: Reading): Setting | undefined {
  const cgroups = kubelet?.pid === undefined ? undefined : facts.processes.details[kubelet.pid]?.cgroups
  const path = (valueOf(cgroups) ?? []).find((one) => DOCKER_CGROUP.test(one.path))?.path
  return path === undefined || cgroups === undefined ? undefined : {value: `Docker container ${DOCKER_CGROUP.exec(path)?.[1] ?? ''}`, source: cgroups.source}
}

/** dockershim could be told a dockerd of another host: nothing of that one is here to be carried over. */
function remoteDocker(reading: Reading): readonly Remark[] {
  const told = kubeletFlag(reading, 'docker-endpoint')
  if (told === undefined || !/^(?:tcp|https?):/.test(told.value)) return []
  return [{
    level: 'blocker', source: told.source, text: `The kubelet runs its pods in a Docker elsewhere (--docker-endpoint=${told.value.slice(0, 100)}).`,
    next: 'Move the node by hand: install the runtime beside the kubelet, and have the node drained before.',
  }]
}

function kubeletInDocker(reading: Reading): readonly Remark[] {
  const container = containerOfKubelet(reading)
  if (container === undefined) return []
  return [{
    level: 'blocker', source: container.source, text: `The kubelet itself runs in the ${container.value}: it ends when Docker is stopped.`,
    next: 'Replace the node by one of a distribution that runs the kubelet on the host: there is no way in place.',
  }]
}
