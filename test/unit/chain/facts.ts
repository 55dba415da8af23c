// SPDX-License-Identifier: Apache-2.0
// Small builders of facts: a host is a list of daemons, each of which adds its process, its sockets and what it says.
import {buildChain} from '../../../src/chain/build.ts'
import type {ChainEdge, Evidence, RuntimeChain} from '../../../src/model/chain.ts'
import type {
  Bundle, ContainerdConfig, ContainerdFacts, CriAnswer, CriEndpointFacts, CrioFacts, DockerApiFacts, DockerContainer, DockerFacts, Facts, KubeletFacts, Process,
  ProcessDetail, Setting, SocketFile, SocketPair, UnixSocket,
} from '../../../src/model/facts.ts'
import {absent, type Observed, ok, unreadable} from '../../../src/model/observed.ts'

export const DOCKER = '/run/docker.sock'
export const CONTAINERD = '/run/containerd/containerd.sock'
export const DOCKERSHIM = '/var/run/dockershim.sock'

/** A made-up container id of 64 hexadecimal digits. */
export function hex(seed: number): string {
  return seed.toString(16).padStart(4, '0').repeat(16)
}

/** What one thing adds to a host. */
export interface Part {
  readonly processes?: readonly Process[]
  readonly details?: Readonly<Record<number, Partial<ProcessDetail>>>
  readonly inside?: Readonly<Record<number, number>>
  readonly sockets?: readonly UnixSocket[]
  readonly pairs?: readonly SocketPair[]
  readonly files?: Readonly<Record<string, Observed<SocketFile>>>
  readonly owners?: Readonly<Record<number, readonly number[]>>
  readonly kubelets?: readonly KubeletFacts[]
  readonly dockers?: readonly DockerFacts[]
  readonly containerds?: readonly ContainerdFacts[]
  readonly crios?: readonly CrioFacts[]
  readonly criEndpoints?: readonly CriEndpointFacts[]
  readonly conmons?: Facts['conmons']
}

const INIT: Part = {processes: [{pid: 1, ppid: 0, startTicks: 1, comm: 'systemd', argv: ['/sbin/init']}]}

/** The facts of a host with init and these things on it, then changed as told. */
export function hostOf(parts: readonly Part[], change: (facts: Facts) => Facts = (facts) => facts): Facts {
  const all = [INIT, ...parts]
  const list = <T>(of: (part: Part) => readonly T[] | undefined): readonly T[] => all.flatMap((part) => of(part) ?? [])
  const map = <T>(of: (part: Part) => Readonly<Record<string, T>> | undefined): Record<string, T> => Object.assign({}, ...all.map((part) => of(part) ?? {}))
  const owners: Record<number, number[]> = {}
  for (const part of all) for (const [inode, pids] of Object.entries(part.owners ?? {})) owners[Number(inode)] = [...(owners[Number(inode)] ?? []), ...pids]
  const details = Object.fromEntries(Object.entries(map((part) => part.details)).map(([pid, detail]) => [pid, {
    uid: ok(0, 'status'), nsPids: ok([Number(pid)], 'status'), cgroups: ok([], 'cgroup'), ...detail,
  }]))
  return change({
    machine: {
      hostname: ok('node-1', '/etc/hostname'), os: ok('Debian GNU/Linux 12 (bookworm)', '/etc/os-release'), kernel: ok('6.1.0', 'osrelease'),
      architecture: ok('x64', 'reader'), cgroup: ok('v2', '/proc/1/mounts'), init: ok('systemd', '/proc/1/comm'),
      pidNamespace: ok(4_026_531_836, '/proc/1/ns/pid'), reader: ok({uid: 0, pid: 9999, platform: 'linux', time: '2026-01-01T00:00:00.000Z'}, 'reader'),
    },
    processes: {all: ok([...list(({processes}) => processes)].sort((a, b) => a.pid - b.pid), '/proc'), details, inside: map(({inside}) => inside)},
    sockets: {
      tables: [{pid: 1, members: [1], sockets: ok(list(({sockets}) => sockets), '/proc/1/net/unix')}], peers: ok(list(({pairs}) => pairs), 'command ss -xae'),
      files: map(({files}) => files), owners,
    },
    kubelets: list(({kubelets}) => kubelets), dockers: list(({dockers}) => dockers), containerds: list(({containerds}) => containerds), crios: list(({crios}) => crios), criEndpoints: list(({criEndpoints}) => criEndpoints),
    conmons: list(({conmons}) => conmons), units: [], programs: {}, crictl: absent('/etc/crictl.yaml'), cni: {directory: '/etc/cni/net.d', networks: absent('/etc/cni/net.d')},
  })
}

// ---------------------------------------------------------------- processes and sockets

export function processAt(pid: number, command: string, ppid = 1): Process {
  const argv = command.split(' ')
  return {pid, ppid, startTicks: pid, comm: (argv[0] ?? '').split('/').at(-1)?.slice(0, 15) ?? '', argv}
}

export function running(pid: number, command: string, ppid = 1): Part {
  return {processes: [processAt(pid, command, ppid)], details: {[pid]: {}}}
}

/** A socket file with its listener; `boundAs` is the name before it was renamed. The inode of the listener is `inode`, that of the file 10,000 more. */
export function listens(path: string, inode: number, pids: readonly number[], options: {readonly boundAs?: string; readonly matched?: boolean} = {}): Part {
  const {boundAs = path, matched = true} = options
  const file: SocketFile = {type: 'socket', inode: inode + 10_000, device: '0:25', ...(matched ? {listener: inode} : {})}
  return {sockets: [{inode, state: 'listening', path: boundAs}], files: {[path]: ok(file, path)}, owners: {[inode]: pids}}
}

/** Connections of a process to whoever listens under this bound name; `inode` and those above are taken. */
export function connected(fromPid: number, toPid: number, boundAs: string, inode: number, count = 1): Part {
  const numbers = Array.from({length: count}, (_, index) => inode + 2 * index)
  return {
    pairs: numbers.map((number) => ({inode: number, peerInode: number + 1, path: boundAs})),
    owners: Object.fromEntries(numbers.flatMap((number) => [[number, [toPid]], [number + 1, [fromPid]]])),
  }
}

// ---------------------------------------------------------------- daemons

export function setting(value: string, source = 'default'): Setting {
  return {value, source}
}

export function kubelet(pid: number | undefined, endpoints: readonly (string | Setting)[], rest: Partial<KubeletFacts> = {}): Part {
  return {
    ...(pid === undefined ? {} : running(pid, '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml')),
    kubelets: [{
      ...(pid === undefined ? {} : {pid}), program: 'kubelet', version: ok('1.28.1', 'kubelet'), flags: {},
      endpoints: endpoints.map((one) => (typeof one === 'string' ? setting(one, '/var/lib/kubelet/kubeadm-flags.env') : one)),
      config: absent('/var/lib/kubelet/config.yaml'), files: [], ...rest,
    }],
  }
}

export const DOCKER_API: DockerApiFacts = {
  socket: DOCKER, version: '20.10.24', apiVersion: '1.41', storageDriver: 'overlay2', loggingDriver: 'json-file', cgroupDriver: 'systemd', defaultRuntime: 'runc',
  runtimes: ['runc'], swarm: 'inactive', components: {containerd: '1.6.20', runc: '1.1.5'},
}

export function dockerd(pid: number | undefined, containers: readonly DockerContainer[] = [], rest: Partial<DockerFacts> = {}): Part {
  return {
    ...(pid === undefined ? {} : running(pid, '/usr/bin/dockerd -H fd://')),
    dockers: [{
      ...(pid === undefined ? {} : {pid}), hosts: [setting('unix:///var/run/docker.sock')], dataRoot: setting('/var/lib/docker'), execRoot: setting('/var/run/docker'),
      containerdAddress: setting(CONTAINERD, 'argv of dockerd'), config: absent('/etc/docker/daemon.json'),
      api: pid === undefined ? absent(DOCKER) : ok(DOCKER_API, `docker ${DOCKER}`), containers: ok(containers, '/var/lib/docker/containers'), ...rest,
    }],
  }
}

export function containerd(pid: number | undefined, bundles: readonly Bundle[] = [], rest: Partial<ContainerdFacts> = {}): Part {
  return {
    ...(pid === undefined ? {} : running(pid, '/usr/bin/containerd')),
    containerds: [{
      ...(pid === undefined ? {} : {pid}), address: setting(CONTAINERD), root: setting('/var/lib/containerd'), state: setting('/run/containerd'),
      configFile: setting('/etc/containerd/config.toml'), config: absent('/etc/containerd/config.toml'), bundles: ok(bundles, '/run/containerd'), ...rest,
    }],
  }
}

export const CONTAINERD_CONFIG: ContainerdConfig = {version: 2, imports: [], disabledPlugins: [], criDisabled: false, runtimes: {}, files: ['/etc/containerd/config.toml']}

export function crio(pid: number | undefined, bundles: readonly Bundle[] = []): Part {
  return {
    ...(pid === undefined ? {} : running(pid, '/usr/bin/crio')),
    crios: [{
      ...(pid === undefined ? {} : {pid}), address: setting('/var/run/crio/crio.sock'), root: setting('/var/lib/containers/storage'),
      runRoot: setting('/run/containers/storage'), cgroupManager: setting('systemd'), runtimes: {}, files: ['/etc/crio/crio.conf'], bundles: ok(bundles, '/run/containers/storage'),
    }],
  }
}

export function answers(address: string, answer: Partial<CriAnswer> = {}, inside?: number): Part {
  const whole: CriAnswer = {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: 'v1.7.2', conditions: [], handlers: [], pods: [], containers: [], ...answer}
  return {criEndpoints: [{address, reasons: ['kubelet'], answer: ok(whole, `cri ${address}`), ...(inside === undefined ? {} : {inside})}]}
}

// ---------------------------------------------------------------- containers

export interface PodOf {
  readonly pod: string
  readonly namespace?: string
  /** name of the container; the sandbox where there is none */
  readonly container?: string
  readonly sandbox: number
}

export function dockerContainer(seed: number, pid: number | undefined, rest: Partial<DockerContainer> & {readonly of?: PodOf} = {}): DockerContainer {
  const {of, ...own} = rest
  const labels: Record<string, string> = of === undefined ? {} : {
    'io.kubernetes.pod.name': of.pod, 'io.kubernetes.pod.namespace': of.namespace ?? 'default', 'io.kubernetes.pod.uid': `uid-${of.pod}`,
    'io.kubernetes.docker.type': of.container === undefined ? 'podsandbox' : 'container', 'io.kubernetes.container.name': of.container ?? 'POD',
    ...(of.container === undefined ? {} : {'io.kubernetes.sandbox.id': hex(of.sandbox)}),
  }
  return {
    id: hex(seed), name: `container-${seed}`, image: 'nginx:1', state: pid === undefined ? 'exited' : 'running', ...(pid === undefined ? {} : {pid}), runtime: 'runc',
    labels, logDriver: 'json-file', logPath: `/var/lib/docker/containers/${hex(seed)}/${hex(seed)}-json.log`, ports: [],
    source: `/var/lib/docker/containers/${hex(seed)}/config.v2.json`, ...own,
  }
}

export function bundle(seed: number, pid: number | undefined, rest: Partial<Bundle> & {readonly of?: PodOf} = {}): Bundle {
  const {of, ...own} = rest
  const namespace = own.namespace ?? (of === undefined ? 'default' : 'k8s.io')
  const annotations: Record<string, string> = of === undefined ? {} : {
    'io.kubernetes.cri.sandbox-name': of.pod, 'io.kubernetes.cri.sandbox-namespace': of.namespace ?? 'default', 'io.kubernetes.cri.sandbox-uid': `uid-${of.pod}`,
    'io.kubernetes.cri.container-type': of.container === undefined ? 'sandbox' : 'container', 'io.kubernetes.cri.sandbox-id': hex(of.sandbox),
    ...(of.container === undefined ? {} : {'io.kubernetes.cri.container-name': of.container, 'io.kubernetes.cri.image-name': 'nginx:1'}),
  }
  const path = `/run/containerd/io.containerd.runtime.v2.task/${namespace}/${hex(seed)}`
  return {id: hex(seed), namespace, path, ...(pid === undefined ? {} : {pid}), annotations, args: ['nginx'], source: `${path}/config.json`, ...own}
}

/** A shim v2 with the containers below it: pid of each with the seed of its id. */
export function shim(pid: number, seed: number, namespace: string, below: Readonly<Record<number, number>>, address = CONTAINERD): Part {
  return {
    processes: [
      processAt(pid, `/usr/bin/containerd-shim-runc-v2 -namespace ${namespace} -id ${hex(seed)} -address ${address}`),
      ...Object.entries(below).map(([child, one]) => processAt(Number(child), one === seed && namespace === 'k8s.io' ? '/pause' : `app-${one}`, pid)),
    ],
    details: {[pid]: {}, ...Object.fromEntries(Object.entries(below).map(([child, one]) => [child, inCgroup(`/system.slice/docker-${hex(one)}.scope`)]))},
  }
}

export function inCgroup(path: string): Partial<ProcessDetail> {
  return {cgroups: ok([{hierarchy: 0, controllers: [], path}], 'cgroup')}
}

// ---------------------------------------------------------------- answers

/** A chain as lines: its title and status, then each node with the status of the edge that leads to it. */
export function drawn(chain: RuntimeChain): readonly string[] {
  return chain.chains.map(({title, nodes, status, containers}) => {
    const own = nodes.map((id, index) => {
      const node = chain.nodes.find((one) => one.id === id)
      const edge = chain.edges.find(({from, to}) => to === id && nodes.slice(0, index).includes(from))
      const mark = edge === undefined ? '' : {observed: '→ ', configured: '⇢ ', broken: '✗ '}[edge.status]
      return `${mark}${node?.label}${node?.status === 'broken' ? '!' : ''}`
    })
    return `${title} [${status}] ${own.join(' ')} (${containers.length})`
  })
}

export function chainOf(parts: readonly Part[], change?: (facts: Facts) => Facts): RuntimeChain {
  return buildChain(hostOf(parts, change))
}

export function edgeTo(chain: RuntimeChain, label: string): ChainEdge {
  const to = chain.nodes.find((node) => node.label === label)
  const edge = chain.edges.find((one) => one.to === to?.id)
  if (!edge) throw new Error(`no edge leads to ${label}: ${chain.nodes.map((node) => node.label).join(', ')}`)
  return edge
}

export function evidenceKinds(evidence: readonly Evidence[]): readonly string[] {
  return evidence.map(({kind}) => kind)
}

/** Ids of what is odd, and of what is loose. */
export function remarks({oddities, orphans}: RuntimeChain): readonly string[] {
  return [...oddities.map(({id, level}) => `${level} ${id}`), ...orphans.map(({kind}) => `orphan ${kind}`)]
}

export const REFUSED = unreadable('/refused', 'EACCES')
