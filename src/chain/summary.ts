// SPDX-License-Identifier: Apache-2.0
import type {ChainNode, Summary} from '../model/chain.ts'
import type {DockerFacts, KubeletFacts} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {criInUse} from './cri-in-use.ts'
import type {PlacedContainer} from './placed-container.ts'
import {canonical, socketPath} from './socket-index.ts'
import {versionOf} from './versions.ts'
import type {World} from './world.ts'

/** The facts an operator asks first, of the host itself: nested machines have chains, not a summary. */
export function summarize(world: World, placed: readonly PlacedContainer[], nodes: readonly ChainNode[]): Summary {
  const {facts} = world
  const kubelet = facts.kubelets.find(({pid}) => world.inside(pid) === undefined)
  const version = kubelet === undefined ? undefined : valueOf(kubelet.version)
  const endpoint = kubelet === undefined ? undefined : criEndpoint(world, kubelet)
  const criVersions = endpoint?.address === undefined ? undefined : servedAt(world, endpoint.address)
  const dockers = facts.dockers.filter(({pid}) => pid !== undefined && world.inside(pid) === undefined)
  const answers = criInUse(world).filter(({inside}) => inside === undefined).flatMap(({answer}) => valueOf(answer) ?? [])
  const mode = valueOf(facts.machine.cgroup)
  const kubeletDriver = kubelet?.cgroupDriver?.value
  const runtimeDriver = runtimeCgroupDriver(world)
  return {
    ...(version ? {kubelet: version} : {}),
    ...(endpoint ? {criEndpoint: endpoint.shown} : {}),
    ...(criVersions ? {criVersions} : {}),
    cgroup: {...(mode ? {mode} : {}), ...(kubeletDriver ? {kubelet: kubeletDriver} : {}), ...(runtimeDriver ? {runtime: runtimeDriver} : {})},
    ociRuntimes: unique(placed.flatMap(({container}) => container.runtime?.name ?? [])),
    handlers: unique(answers.flatMap(({handlers}) => handlers)).filter((name) => name !== ''),
    storage: unique([...dockers.flatMap((docker) => storageDriver(docker) ?? []), ...snapshotters(world, placed)]),
    logging: unique(placed.flatMap(({container}) => container.log?.driver ?? [])),
    versions: versions(world, nodes),
  }
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort()
}

/** As dockerd says, or where it does not answer as its file says. */
function storageDriver({api, config}: DockerFacts): string | undefined {
  const configured = valueOf(config)?.['storage-driver']
  return valueOf(api)?.storageDriver ?? (typeof configured === 'string' ? configured : undefined)
}

/** As dockerd says, or where it does not answer as its file says (`"exec-opts": ["native.cgroupdriver=systemd"]`). */
function dockerCgroupDriver({api, config}: DockerFacts): string | undefined {
  const options = valueOf(config)?.['exec-opts']
  const configured = (Array.isArray(options) ? options : []).flatMap((option) => /^native\.cgroupdriver=(\w+)$/.exec(String(option))?.[1] ?? []).at(-1)
  return valueOf(api)?.cgroupDriver ?? configured
}

/** Of the containerds that run containers of their own: below Docker it is Docker that stores the images. */
function snapshotters(world: World, placed: readonly PlacedContainer[]): readonly string[] {
  const used = new Set(placed.flatMap(({owner}) => (owner.kind === 'containerd' ? [owner.address] : [])))
  const said = world.facts.criEndpoints.filter(({address}) => used.has(canonical(address))).flatMap(({answer}) => valueOf(answer)?.snapshotter ?? [])
  const configured = world.facts.containerds.filter(({address}) => used.has(canonical(address.value))).flatMap(({config}) => valueOf(config)?.snapshotter ?? [])
  return [...said, ...configured]
}

interface Endpoint {
  readonly address?: string
  readonly shown: NonNullable<Summary['criEndpoint']>
}

/** The endpoint as configured, and the one the kubelet really talks to: the sockets it is connected to tell. */
function criEndpoint(world: World, {pid, endpoints}: KubeletFacts): Endpoint | undefined {
  const [first] = endpoints
  if (!first) return undefined
  const path = socketPath(first.value)
  const own = path !== undefined && pid !== undefined && world.sockets.at(path, undefined).owners.includes(pid)
  const inUse = path !== undefined && pid !== undefined && (own || world.sockets.connections(pid, path, undefined) > 0) ? path : undefined
  return {
    ...(path === undefined ? {} : {address: canonical(path)}),
    shown: {configured: first.value, ...(inUse === undefined ? {} : {inUse}), source: first.source},
  }
}

function servedAt(world: World, address: string): string | undefined {
  const endpoint = world.facts.criEndpoints.find((one) => one.inside === undefined && canonical(one.address) === address)
  const answer = endpoint && valueOf(endpoint.answer)
  return answer && answer.apiVersions.length > 0 ? answer.apiVersions.join(', ') : undefined
}

/** The cgroup driver on the runtime's side, below the kubelet if there is one: said by dockerd, over CRI, or configured. */
export function runtimeCgroupDriver(world: World): string | undefined {
  const {facts} = world
  const [docker] = facts.dockers.filter(({pid}) => pid !== undefined && world.inside(pid) === undefined).flatMap((one) => dockerCgroupDriver(one) ?? [])
  const [cri] = criInUse(world).filter(({inside}) => inside === undefined).flatMap(({answer}) => valueOf(answer) ?? [])
  const throughDocker = facts.kubelets.some(({pid, endpoints}) => {
    const path = socketPath(endpoints[0]?.value ?? '')
    return world.inside(pid) === undefined && path !== undefined && /docker(shim|d)?\.sock$/.test(path)
  })
  const said = cri?.cgroupDriver ?? facts.crios[0]?.cgroupManager?.value
  return facts.kubelets.length === 0 || throughDocker ? (docker ?? said) : (said ?? docker)
}

/** Everything that said its version, by component; of two of a kind the first. */
function versions(world: World, nodes: readonly ChainNode[]): Readonly<Record<string, string>> {
  const seen = nodes.filter(({inside, version}) => inside === undefined && version !== undefined).map(({component, version}) => [component, version ?? ''] as const)
  const init = versionOf(world, 'docker-init', undefined)
  return Object.fromEntries([...(init === undefined ? [] : [['docker-init', init] as const]), ...seen.toReversed()].sort(([a], [b]) => (a < b ? -1 : 1)))
}
