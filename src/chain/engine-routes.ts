// SPDX-License-Identifier: Apache-2.0
import type {ContainerdFacts, DockerFacts} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {containerdNode, containerdOfDocker, crioNode, dockerNode} from './daemons.ts'
import {type Draft, insideOf, type Route} from './draft.ts'
import {ownedBy} from './kubernetes.ts'
import type {PlacedContainer} from './placed-container.ts'
import {canonical} from './socket-index.ts'
import {pidsOf, type World} from './world.ts'

/**
 * Routes of the engines that people and tools drive without a kubelet: Docker for Compose, `ctr` and nerdctl in a
 * containerd namespace, podman, and pods whose kubelet is gone. Asked after the kubelets took theirs.
 */
export function engineRoutes(world: World, draft: Draft, free: readonly PlacedContainer[]): readonly Route[] {
  return [
    ...world.facts.dockers.flatMap((docker, index) => dockerRoute(world, draft, docker, index, free) ?? []),
    ...world.facts.containerds.flatMap((containerd, index) => containerdRoutes(world, draft, containerd, index, free)),
    ...crioRoutes(world, draft, free),
    ...podmanRoute(world, draft, free),
  ]
}

/** A dockerd that runs has a route even without containers; one that is gone only if containers of it are alive. */
function dockerRoute(world: World, draft: Draft, docker: DockerFacts, index: number, free: readonly PlacedContainer[]): Route | undefined {
  const owns = ({owner}: PlacedContainer) => owner.kind === 'docker' && owner.index === index
  const alive = free.some((placed) => owns(placed) && placed.container.pid !== undefined)
  if (docker.pid === undefined && !alive) return undefined
  if (docker.pid !== undefined && !alive && servesKubelet(draft, docker.pid)) return undefined
  const place = world.inside(docker.pid)
  const to = draft.node(dockerNode(world, docker, index))
  const swarm = valueOf(docker.api)?.swarm
  const above = swarm === undefined || swarm === 'inactive' || swarm === '' ? [] : [swarmNode(draft, to, docker, swarm)]
  return {
    id: `docker-${index}`, title: above.length > 0 ? 'Docker Swarm' : 'Docker', kind: 'docker', place,
    nodes: [...above, to, ...containerdOfDocker(world, draft, docker, to)], owns,
  }
}

/** Whether a route from a kubelet goes through this dockerd already: without containers of its own it is not drawn again. */
function servesKubelet(draft: Draft, pid: number): boolean {
  return draft.edges().some(({to}) => to === `dockerd:${pid}`)
}

function swarmNode(draft: Draft, to: string, docker: DockerFacts, state: string): string {
  const evidence = [{kind: 'reported', by: 'docker', source: docker.api.source, text: `swarm: ${state}`}] as const
  const from = draft.node({
    id: `swarm:${to}`, layer: 'orchestration', component: 'Docker Swarm', label: 'Docker Swarm', pids: [], status: 'observed',
    notes: ['inside dockerd', state], evidence,
  })
  draft.edge({from, to, via: 'in-process', status: 'observed', evidence})
  return from
}

/** One route for each namespace that holds containers nobody claimed; a containerd that nobody uses gets one without. */
function containerdRoutes(
  world: World, draft: Draft, containerd: ContainerdFacts, index: number, free: readonly PlacedContainer[],
): readonly Route[] {
  const address = canonical(containerd.address.value)
  const place = world.inside(containerd.pid)
  const own = free.filter(({owner, place: at}) => owner.kind === 'containerd' && owner.address === address && at === place)
  const namespaces = [...new Set(own.flatMap(({owner}) => (owner.kind === 'containerd' ? [owner.namespace] : [])))].sort()
  // No client above it has its socket written beside the line, and it tells two containerds apart.
  const bare = containerdNode(world, containerd)
  const node = () => draft.node({...bare, notes: [...bare.notes, address]})
  const known = draft.nodes().some(({id}) => id === `containerd:${containerd.pid ?? address}`)
  if (namespaces.length === 0) {
    if (containerd.pid === undefined || known) return []
    return [{id: `containerd-${index}`, title: 'containerd', kind: 'containerd', place, nodes: [node()], owns: () => false}]
  }
  return namespaces.map((namespace) => ({
    id: `containerd-${index}-${namespace}`, title: namespaceTitle(namespace), kind: 'containerd', place, nodes: [node()],
    owns: ownedBy(address, place, namespace),
  }))
}

function namespaceTitle(namespace: string): string {
  if (namespace === 'k8s.io') return 'Pods on containerd, and no kubelet'
  if (namespace === 'moby') return 'Docker containers, and no dockerd'
  return `containerd, namespace ${namespace}`
}

function crioRoutes(world: World, draft: Draft, free: readonly PlacedContainer[]): readonly Route[] {
  return world.facts.crios.flatMap((crio, index): readonly Route[] => {
    const owns = ({owner}: PlacedContainer) => owner.kind === 'cri-o' && owner.index === index
    const drawn = draft.edges().some(({to}) => to === `crio:${crio.pid}`)
    if (!free.some(owns) && (crio.pid === undefined || drawn)) return []
    const title = crio.pid === undefined ? 'Pods of CRI-O, and no crio' : 'Pods on CRI-O, and no kubelet'
    return [{id: `cri-o-${index}`, title, kind: 'cri-o', place: world.inside(crio.pid), nodes: [draft.node(crioNode(world, crio, index))], owns}]
  })
}

/** podman has no daemon: its containers hang below conmon alone. */
function podmanRoute(world: World, draft: Draft, free: readonly PlacedContainer[]): readonly Route[] {
  const places = new Set(free.filter(({owner}) => owner.kind === 'podman').map(({place}) => place))
  return [...places].map((place) => {
    const pids = pidsOf(world, 'podman').filter((pid) => world.inside(pid) === place)
    const node = draft.node({
      id: `podman:${place ?? 'host'}`, layer: 'engine', component: 'podman', label: 'podman', pids, status: 'observed', ...insideOf(place),
      notes: ['no daemon'], evidence: pids.map((pid) => ({kind: 'process', pid, text: 'podman'})),
    })
    return {
      id: `podman-${place ?? 'host'}`, title: 'podman', kind: 'podman', place, nodes: [node],
      owns: ({owner, place: at}) => owner.kind === 'podman' && at === place,
    }
  })
}
