// SPDX-License-Identifier: Apache-2.0
import type {ChainNode, Container, Evidence, Orphan, Status, Via} from '../model/chain.ts'
import type {Layer} from '../model/component.ts'

/** The storeys of the chain from top to bottom, with the words that name them. */
export const LAYERS: readonly {readonly layer: Layer; readonly name: string}[] = [
  {layer: 'orchestration', name: 'Orchestration'},
  {layer: 'cri', name: 'CRI'},
  {layer: 'engine', name: 'Engine'},
  {layer: 'shim', name: 'Shim'},
  {layer: 'oci', name: 'OCI runtime'},
  {layer: 'sandbox', name: 'Sandbox'},
  {layer: 'process', name: 'Containers'},
]

/** How one component speaks to the next, in words. */
export const VIA: Readonly<Record<Via, string>> = {
  'cri-grpc': 'CRI gRPC',
  'docker-http': 'Docker HTTP API',
  'containerd-grpc': 'containerd gRPC',
  ttrpc: 'ttrpc',
  'fork-exec': 'fork and exec',
  'in-process': 'in process',
}

/** What a status means, for a legend. */
export const STATUS: Readonly<Record<Status, string>> = {
  observed: 'seen working now',
  configured: 'only configured',
  broken: 'does not work',
}

/** What hangs loose, in words. */
export const ORPHAN: Readonly<Record<Orphan['kind'], string>> = {
  'shim-without-daemon': 'Shim without its daemon',
  'container-without-runtime': 'Container without a runtime',
  'pod-in-two-runtimes': 'Pod in two runtimes',
  'process-without-shim': 'Process without a shim',
}

/** A piece of evidence as one sentence. Host text is in it as it came: the caller escapes it. */
export function evidenceText(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'socket-peer':
      return `pid ${evidence.fromPid} is connected to pid ${evidence.toPid} over ${evidence.path} (${counted(evidence.connections, 'connection')})`
    case 'listens':
      return `pid ${evidence.pid} listens on ${evidence.path}`
    case 'parent':
      return `pid ${evidence.pid} is a child of pid ${evidence.ppid}`
    case 'cgroup':
      return `pid ${evidence.pid} is in cgroup ${evidence.path}`
    case 'process':
      return `pid ${evidence.pid}: ${evidence.text}`
    case 'reported':
      return `${evidence.source} (${evidence.by === 'cri' ? 'CRI' : 'Docker API'}) says: ${evidence.text}`
    case 'argv':
    case 'config':
    case 'unit':
    case 'disk':
    case 'missing':
      return `${evidence.source}: ${evidence.text}`
  }
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Pids for a line of text: `pid 812`, `pids 1, 2, 3`, `19 pids`; empty for none. */
export function pidsText(pids: ChainNode['pids']): string {
  if (pids.length === 0) return ''
  if (pids.length > 3) return `${pids.length} pids`
  return pids.length === 1 ? `pid ${pids[0]}` : `pids ${pids.join(', ')}`
}

/** What is at the end of a chain: `12 containers in 6 pods`, and states other than running. Sandboxes are not counted as containers. */
export function containersText(containers: readonly Container[]): readonly string[] {
  const workload = containers.filter((container) => container.kind === 'container')
  const pods = new Set(containers.filter((container) => container.pod).map((container) => podKey(container)))
  const states = Map.groupBy(workload, (container) => container.state)
  const other = [...states].filter(([state]) => state !== 'running').map(([state, those]) => `${those.length} ${state}`)
  const running = states.get('running')?.length ?? 0
  return [
    counted(workload.length, 'container') + (pods.size > 0 ? ` in ${counted(pods.size, 'pod')}` : ''),
    ...(other.length > 0 ? [[`${running} running`, ...other].join(', ')] : []),
  ]
}

function podKey(container: Container): string {
  return JSON.stringify([container.pod?.namespace, container.pod?.name, container.pod?.uid, container.inside])
}
