// SPDX-License-Identifier: Apache-2.0
import type {ChainNode, Evidence} from '../model/chain.ts'
import type {ContainerdFacts, KubeletFacts} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {containerdNode, containerdOfDocker, crioNode, daemonNode, dockerNode} from './daemons.ts'
import {type Draft, insideOf, linkOverSocket, type Route} from './draft.ts'
import type {PlacedContainer} from './placed-container.ts'
import {canonical, socketPath} from './socket-index.ts'
import {pidsOf, type Place, type World} from './world.ts'

/** Routes from each kubelet down to the engine that runs its pods. */
export function kubernetesRoutes(world: World, draft: Draft): readonly Route[] {
  return world.facts.kubelets.map((kubelet, index) => kubeletRoute(world, draft, kubelet, index))
}

interface Hop {
  readonly world: World
  readonly draft: Draft
  readonly kubelet: KubeletFacts
  readonly place: Place
  /** node id of the kubelet */
  readonly from: string
  /** socket path of the CRI endpoint */
  readonly path: string
  readonly configured: Evidence
}

type Below = Omit<Route, 'id' | 'kind' | 'place'>

function kubeletRoute(world: World, draft: Draft, kubelet: KubeletFacts, index: number): Route {
  const place = world.inside(kubelet.pid)
  const from = draft.node(kubeletNode(world, kubelet, place, index))
  const endpoint = kubelet.endpoints[0]
  const path = endpoint === undefined ? undefined : socketPath(endpoint.value)
  const base = {id: `kubernetes-${index}`, kind: 'kubernetes', place} as const
  if (endpoint === undefined || path === undefined) return {...base, ...withoutEndpoint(world, draft, kubelet, place, from)}
  const configured: Evidence = {kind: 'config', source: endpoint.source, text: endpoint.value}
  return {...base, ...below({world, draft, kubelet, place, from, path, configured})}
}

/** A kubelet that has no CRI endpoint, or none that is known: before CRI (1.5) it called Docker and rkt itself. */
function withoutEndpoint(world: World, draft: Draft, kubelet: KubeletFacts, place: Place, from: string): Below {
  if (kubelet.containerRuntime?.value === 'rkt') return onRkt(world, draft, kubelet.containerRuntime, place, from)
  const direct = {world, draft, kubelet, place, from, path: '', configured: {kind: 'argv', source: `argv of pid ${kubelet.pid}`, text: OLD_FLAG}} as const
  const runs = world.facts.dockers.some(({pid}) => pid !== undefined && world.inside(pid) === place)
  if (runs && kubelet.flags['api-servers'] !== undefined) {
    return {title: 'Kubernetes on Docker', ...onDocker(direct, from, [from], '/run/docker.sock', direct.configured, kubelet.pid)}
  }
  return {title: 'Kubernetes, CRI endpoint unknown', nodes: [from], owns: () => false}
}

/** kubernetes CHANGELOG-1.8 */
const OLD_FLAG = '--api-servers is gone since 1.8: a kubelet of that time calls Docker itself'

/** rkt has no daemon that containers hang below: each pod is a systemd-nspawn machine of its own. */
function onRkt(world: World, draft: Draft, {source}: {readonly source: string}, place: Place, from: string): Below {
  const here = (name: string) => pidsOf(world, name).filter((pid) => world.inside(pid) === place)
  const evidence: readonly Evidence[] = [{kind: 'argv', source, text: '--container-runtime=rkt'}]
  const service = here('rkt')
  const rkt = draft.node({
    id: `rkt:${place ?? 'host'}`, layer: 'engine', component: 'rkt', label: 'rkt', pids: service, status: service.length > 0 ? 'observed' : 'configured',
    ...insideOf(place), notes: ['no daemon above its pods'], evidence,
  })
  draft.edge({from, to: rkt, via: 'fork-exec', status: 'configured', evidence})
  const pods = here('systemd-nspawn').filter((pid) => /(?:^|=)rkt-/.test(world.processes.get(pid)?.argv.find((word) => word.startsWith('--machine=')) ?? ''))
  if (pods.length === 0) return {title: 'Kubernetes on rkt', nodes: [from, rkt], owns: () => false}
  const seen: readonly Evidence[] = [{kind: 'process', pid: pods[0] ?? 0, text: 'systemd-nspawn, the stage 1 of rkt'}]
  const stage1 = draft.node({
    id: `rkt-pods:${place ?? 'host'}`, layer: 'sandbox', component: 'systemd-nspawn', label: pods.length === 1 ? 'systemd-nspawn' : `systemd-nspawn ×${pods.length}`,
    pids: pods, status: 'observed', ...insideOf(place), notes: ['one for each pod'], evidence: seen,
  })
  draft.edge({from: rkt, to: stage1, via: 'fork-exec', status: 'observed', evidence: seen})
  return {title: 'Kubernetes on rkt', nodes: [from, rkt, stage1], owns: () => false}
}

function kubeletNode(world: World, {pid, program, version, flags}: KubeletFacts, place: Place, index: number): ChainNode {
  const component = pid === undefined ? undefined : world.components.get(pid)?.name
  const known = valueOf(version)
  return {
    id: `kubelet:${pid ?? `configured-${index}`}`,
    layer: 'orchestration',
    component: component ?? 'kubelet',
    label: program === 'kubelet' ? 'kubelet' : `${program} (kubelet inside)`,
    ...(known ? {version: known} : {}),
    pids: pid === undefined ? [] : [pid],
    status: pid === undefined ? 'configured' : 'observed',
    ...insideOf(place),
    notes: [...(pid === undefined ? ['not running'] : startedBy(world, pid)), ...(flags['node-name'] ? [`node ${flags['node-name']}`] : [])],
    evidence: pid === undefined ? [] : [{kind: 'process', pid, text: program}],
  }
}

/** rke2 and k0s unpack an ordinary kubelet and are its parent. */
function startedBy(world: World, pid: number): readonly string[] {
  const parent = world.processes.get(pid)?.ppid
  const platform = parent === undefined ? undefined : world.components.get(parent)
  return platform?.role === 'platform' ? [`started by ${platform.name}`] : []
}

/** Daemons that are known by the socket they serve, where it cannot be told who holds it. */
const SERVES: readonly (readonly [component: string, socket: RegExp])[] = [
  ['cri-dockerd', /\/cri-dockerd\.sock$/], ['CRI-containerd', /\/cri-containerd\.sock$/], ['frakti', /\/frakti\.sock$/],
]

/** Who listens at a path: seen, or where the holder cannot be told, the one running daemon that serves sockets of this name. */
function serverOf(world: World, path: string, place: Place): number | undefined {
  const {owners, listening} = world.sockets.at(path, place)
  const holder = owners.find((pid) => pid !== 1)
  if (holder !== undefined) return holder
  if (!listening && world.sockets.canTell(place)) return undefined
  const [component] = SERVES.find(([, socket]) => socket.test(path)) ?? []
  const running = component === undefined ? [] : pidsOf(world, component).filter((pid) => world.inside(pid) === place)
  return running.length === 1 ? running[0] : undefined
}

/** Who listens at the endpoint decides what comes next; the configured path alone is asked only where nobody can be seen there. */
function below(hop: Hop): Below {
  const {world, kubelet, place, path} = hop
  const owner = serverOf(world, path, place)
  const name = owner === undefined ? undefined : world.components.get(owner)?.name
  if (owner !== undefined && owner === kubelet.pid) return throughDockershim(hop, 'observed')
  if (name === 'cri-dockerd') return throughCriDockerd(hop, owner as number)
  if (name === 'CRI-containerd') return throughCriContainerd(hop, owner as number)
  const containerd = world.facts.containerds.find(
    (one) => world.inside(one.pid) === place && (owner === undefined ? canonical(one.address.value) === path : one.pid === owner),
  )
  if (containerd) return onContainerd(hop, containerd)
  const crio = world.facts.crios.findIndex(
    (one) => world.inside(one.pid) === place && (owner === undefined ? canonical(one.address.value) === path : one.pid === owner),
  )
  if (crio >= 0) return onCrio(hop, crio)
  if (owner !== undefined) return onUnknown(hop, owner)
  return path.endsWith('/dockershim.sock') ? throughDockershim(hop, 'configured') : toNobody(hop)
}

// ---------------------------------------------------------------- Docker below

const IN_POD = ({container}: PlacedContainer) => container.pod !== undefined || container.kind === 'sandbox'

function throughDockershim(hop: Hop, status: 'observed' | 'configured'): Below {
  const {world, draft, kubelet, place, from, path, configured} = hop
  const state = world.sockets.at(path, place)
  const listens: readonly Evidence[] = kubelet.pid !== undefined && status === 'observed'
    ? [{kind: 'listens', pid: kubelet.pid, path: state.boundAs ? `${path} (bound as ${state.boundAs})` : path}]
    : []
  const id = draft.node({
    id: `dockershim:${from}`, layer: 'cri', component: 'dockershim', label: 'dockershim', pids: [], status, ...insideOf(place),
    notes: [`inside the kubelet`, path], evidence: [configured, ...listens],
  })
  draft.edge({from, to: id, via: 'in-process', status, address: path, evidence: [configured, ...listens]})
  const flag = kubelet.flags['docker-endpoint']
  const socket = (flag === undefined ? undefined : socketPath(flag)) ?? '/run/docker.sock'
  const why: Evidence = flag === undefined
    ? {kind: 'config', source: 'default of kubelet before 1.24', text: 'unix:///var/run/docker.sock'}
    : {kind: 'argv', source: `argv of pid ${kubelet.pid}`, text: `--docker-endpoint=${flag}`}
  return {title: 'Kubernetes through dockershim', ...onDocker(hop, id, [from, id], socket, why, kubelet.pid)}
}

function throughCriDockerd(hop: Hop, pid: number): Below {
  const {world, draft, place, from} = hop
  const id = draft.node(daemonNode(world, pid, 'cri', place))
  linkOverSocket(world, draft, {from, to: id, via: 'cri-grpc', fromPid: hop.kubelet.pid, path: hop.path, place, configured: hop.configured})
  const argv = world.processes.get(pid)?.argv ?? []
  const index = argv.findIndex((word) => word === '--docker-endpoint' || word.startsWith('--docker-endpoint='))
  const said = index < 0 ? undefined : argv[index]?.includes('=') ? argv[index]?.split('=')[1] : argv[index + 1]
  const why: Evidence = {kind: 'argv', source: `argv of pid ${pid}`, text: said ? `--docker-endpoint ${said}` : 'Docker endpoint by default'}
  const socket = (said === undefined ? undefined : socketPath(said)) ?? '/run/docker.sock'
  return {title: 'Kubernetes through cri-dockerd', ...onDocker(hop, id, [from, id], socket, why, pid)}
}

function onDocker(
  {world, draft, place}: Hop, from: string, nodes: readonly string[], path: string, configured: Evidence, fromPid: number | undefined,
): Omit<Below, 'title'> {
  // A socket that only init holds is Docker's as well: systemd starts dockerd at the next connection.
  const owner = world.sockets.at(path, place).owners.find((pid) => pid !== 1)
  const index = world.facts.dockers.findIndex((docker) =>
    world.inside(docker.pid) === place && (owner === undefined || docker.pid === owner || docker.hosts.some(({value}) => socketPath(value) === path)),
  )
  const docker = world.facts.dockers[index]
  if (!docker) return {nodes: [...nodes, nobody(draft, from, path, place, configured)], owns: () => false}
  const to = draft.node(dockerNode(world, docker, index))
  linkOverSocket(world, draft, {from, to, via: 'docker-http', fromPid, path, place, configured})
  return {
    nodes: [...nodes, to, ...containerdOfDocker(world, draft, docker, to)],
    owns: (placed) => placed.owner.kind === 'docker' && placed.owner.index === index && IN_POD(placed),
  }
}

// ---------------------------------------------------------------- containerd below

function onContainerd(hop: Hop, containerd: ContainerdFacts): Below {
  const {world, draft, place, from, path} = hop
  const to = draft.node(containerdNode(world, containerd))
  const plugin = draft.node({
    id: `cri-plugin:${to}`, layer: 'cri', component: 'CRI plugin', label: 'CRI plugin', pids: [], status: containerd.pid === undefined ? 'broken' : 'observed',
    ...insideOf(place), notes: ['inside containerd', ...(valueOf(containerd.config)?.criDisabled ? ['disabled in its configuration'] : [])],
    evidence: [{kind: 'config', source: containerd.configFile.value, text: 'the CRI plugin is a part of containerd'}],
  })
  const status = linkOverSocket(world, draft, {from, to: plugin, via: 'cri-grpc', fromPid: hop.kubelet.pid, path, place, configured: hop.configured})
  const {pid} = containerd
  const inside: Evidence = pid === undefined
    ? {kind: 'missing', source: path, text: 'containerd does not run'}
    : world.sockets.at(path, place).owners.includes(pid) ? {kind: 'listens', pid, path} : {kind: 'process', pid, text: 'the plugin is a part of it'}
  draft.edge({from: plugin, to, via: 'in-process', status: status === 'broken' ? 'broken' : 'observed', evidence: [inside]})
  return {title: 'Kubernetes on containerd', nodes: [from, plugin, to], owns: ownedBy(path, place, 'k8s.io')}
}

function throughCriContainerd(hop: Hop, pid: number): Below {
  const {world, draft, place, from, path} = hop
  const id = draft.node(daemonNode(world, pid, 'cri', place))
  linkOverSocket(world, draft, {from, to: id, via: 'cri-grpc', fromPid: hop.kubelet.pid, path, place, configured: hop.configured})
  const containerd = world.facts.containerds.find((one) => world.inside(one.pid) === place)
  if (!containerd) return {title: 'Kubernetes through CRI-containerd', nodes: [from, id], owns: () => false}
  const to = draft.node(containerdNode(world, containerd))
  const address = canonical(containerd.address.value)
  linkOverSocket(world, draft, {
    from: id, to, via: 'containerd-grpc', fromPid: pid, path: address, place,
    configured: {kind: 'process', pid, text: 'CRI-containerd drives containerd 1.0 over its socket'},
  })
  return {title: 'Kubernetes through CRI-containerd', nodes: [from, id, to], owns: ownedBy(address, place, 'k8s.io')}
}

/** Containers that a containerd keeps in one of its namespaces. */
export function ownedBy(address: string, place: Place, namespace: string): Route['owns'] {
  return ({owner, place: at}) => owner.kind === 'containerd' && owner.address === address && owner.namespace === namespace && at === place
}

// ---------------------------------------------------------------- others

function onCrio(hop: Hop, index: number): Below {
  const {world, draft, place, from, path} = hop
  const crio = world.facts.crios[index]
  if (!crio) return toNobody(hop)
  const to = draft.node(crioNode(world, crio, index))
  linkOverSocket(world, draft, {from, to, via: 'cri-grpc', fromPid: hop.kubelet.pid, path, place, configured: hop.configured})
  return {title: 'Kubernetes on CRI-O', nodes: [from, to], owns: ({owner, place: at}) => owner.kind === 'cri-o' && at === place}
}

function onUnknown(hop: Hop, pid: number): Below {
  const {world, draft, place, from, path} = hop
  const to = draft.node(daemonNode(world, pid, 'cri', place))
  linkOverSocket(world, draft, {from, to, via: 'cri-grpc', fromPid: hop.kubelet.pid, path, place, configured: hop.configured})
  const name = world.components.get(pid)?.name ?? world.processes.get(pid)?.comm ?? 'an unknown runtime'
  return {title: `Kubernetes on ${name}`, nodes: [from, to, ...enginesOf(world, draft, pid, to, place)], owns: ({owner, place: at}) => owner.kind === 'unknown' && at === place}
}

/** Engines of times past that a CRI daemon drives: frakti and hyperd, rktlet and rkt. */
function enginesOf(world: World, draft: Draft, pid: number, from: string, place: Place): readonly string[] {
  const engineName = world.components.get(pid)?.name === 'frakti' ? 'hyperd' : 'rkt'
  return pidsOf(world, engineName).filter((one) => world.inside(one) === place).slice(0, 1).flatMap((engine) => {
    const to = draft.node(daemonNode(world, engine, 'engine', place))
    draft.edge({from, to, via: engineName === 'rkt' ? 'fork-exec' : 'containerd-grpc', status: 'configured', evidence: [{kind: 'process', pid: engine, text: engineName}]})
    return [to, ...machinesOfHyper(world, draft, to, place)]
  })
}

/** hyperd starts its virtual machines detached, one for each pod; their argv names its folder (hyperd, hypervisor/qemu). */
function machinesOfHyper(world: World, draft: Draft, from: string, place: Place): readonly string[] {
  const pids = pidsOf(world, 'QEMU').filter((pid) => world.inside(pid) === place && world.processes.get(pid)?.argv.some((word) => word.includes('/hyper/vm-')))
  if (pids.length === 0) return []
  const evidence: readonly Evidence[] = [{kind: 'argv', source: `argv of pid ${pids[0]}`, text: 'a folder of hyperd, /var/run/hyper/vm-…'}]
  const to = draft.node({
    id: `machines:${from}`, layer: 'sandbox', component: 'QEMU', label: pids.length === 1 ? 'QEMU' : `QEMU ×${pids.length}`, pids, status: 'observed',
    ...insideOf(place), notes: ['one for each pod'], evidence,
  })
  draft.edge({from, to, via: 'fork-exec', status: 'observed', evidence})
  return [to]
}

function toNobody(hop: Hop): Below {
  if (hop.world.sockets.at(hop.path, hop.place).listening || !hop.world.sockets.canTell(hop.place)) return toUnknown(hop)
  return {
    title: 'Kubernetes, but nobody answers the kubelet',
    nodes: [hop.from, nobody(hop.draft, hop.from, hop.path, hop.place, hop.configured)],
    owns: () => false,
  }
}

/** Someone may be there: the listeners could not be read, or who holds the socket could not. */
function toUnknown({world, draft, place, from, path, kubelet, configured}: Hop): Below {
  const to = draft.node({
    id: `unknown:${path}:${place ?? 'host'}`, layer: 'cri', component: 'CRI', label: `the runtime at ${path}`, pids: [], status: 'configured', ...insideOf(place),
    notes: ['not known who it is'], evidence: [configured],
  })
  linkOverSocket(world, draft, {from, to, via: 'cri-grpc', fromPid: kubelet.pid, path, place, configured})
  return {title: 'Kubernetes, runtime unknown', nodes: [from, to], owns: () => false}
}

function nobody(draft: Draft, from: string, path: string, place: Place, configured: Evidence): string {
  const missing: Evidence = {kind: 'missing', source: path, text: 'nobody listens on it'}
  const docker = path.endsWith('/docker.sock')
  const to = draft.node({
    id: `nobody:${path}:${place ?? 'host'}`, layer: docker ? 'engine' : 'cri', component: docker ? 'dockerd' : 'CRI', label: `nobody at ${path}`, pids: [],
    status: 'broken', ...insideOf(place), notes: [], evidence: [missing],
  })
  draft.edge({from, to, via: docker ? 'docker-http' : 'cri-grpc', status: 'broken', address: path, evidence: [configured, missing]})
  return to
}
