// SPDX-License-Identifier: Apache-2.0
// Reports made by hand, for the tests of every renderer.
import type {Chain, ChainEdge, ChainNode, Container, Evidence, InspectReport, RuntimeChain} from '../../../src/model/chain.ts'

/** A stable id of 64 hex digits, as engines give. */
export function hexId(seed: string): string {
  let state = 2166136261
  return Array.from({length: 64}, (_, index) => {
    for (const character of `${seed}${index}`) state = Math.imul(state ^ character.charCodeAt(0), 16777619) >>> 0
    return ((state >>> 7) & 15).toString(16)
  }).join('')
}

function node(id: string, rest: Omit<ChainNode, 'id' | 'status' | 'notes' | 'evidence' | 'pids'> & Partial<ChainNode>): ChainNode {
  return {id, status: 'observed', pids: [], notes: [], evidence: [], ...rest}
}

function edge(from: string, to: string, via: ChainEdge['via'], rest: Partial<ChainEdge> = {}): ChainEdge {
  return {from, to, via, status: 'observed', evidence: [], ...rest}
}

const NOTHING: RuntimeChain = {
  nodes: [], edges: [], chains: [], containers: [], nested: [], orphans: [], oddities: [], gaps: [], beside: [],
  summary: {cgroup: {}, ociRuntimes: [], handlers: [], storage: [], logging: [], versions: {}},
}

// ---------------------------------------------------------------- a node of Kubernetes 1.20 with dockershim

const DOCKERSHIM_SOCKET = '/var/run/dockershim.sock'

const pods: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  ['kube-system', 'etcd-node-1', [['etcd', 'k8s.gcr.io/etcd:3.4.13-0']]],
  ['kube-system', 'kube-apiserver-node-1', [['kube-apiserver', 'k8s.gcr.io/kube-apiserver:v1.20.2']]],
  ['kube-system', 'kube-controller-manager-node-1', [['kube-controller-manager', 'k8s.gcr.io/kube-controller-manager:v1.20.2']]],
  ['kube-system', 'kube-scheduler-node-1', [['kube-scheduler', 'k8s.gcr.io/kube-scheduler:v1.20.2']]],
  ['kube-system', 'kube-proxy-x7k2p', [['kube-proxy', 'k8s.gcr.io/kube-proxy:v1.20.2']]],
  ['kube-system', 'coredns-74ff55c5b-4jzqd', [['coredns', 'k8s.gcr.io/coredns:1.7.0']]],
  ['shop', 'web-6d4b75cb6d-hx2lm', [['web', 'registry.example.com/shop/web:2.14.1'], ['metrics', 'prom/statsd-exporter:v0.22.4']]],
  ['shop', 'cart-0', [['cart', 'registry.example.com/shop/cart:1.9.0'], ['redis', 'redis:6.2-alpine']]],
]

function dockerPod([namespace, name, members]: (typeof pods)[number], podIndex: number): readonly Container[] {
  const uid = `${hexId(name).slice(0, 8)}-1c2d-4e3f-8a9b-${hexId(name).slice(8, 20)}`
  const sandboxId = hexId(`${name}/POD`)
  const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`
  const each = [['POD', 'k8s.gcr.io/pause:3.2'] as const, ...members]
  return each.map(([member, image], index) => {
    const id = member === 'POD' ? sandboxId : hexId(`${name}/${member}`)
    const pid = 5000 + podIndex * 100 + index * 20
    return {
      id,
      kind: member === 'POD' ? 'sandbox' : 'container',
      engine: 'docker',
      engineNamespace: 'moby',
      name: member === 'POD' ? `k8s_POD_${name}_${namespace}_${uid}_0` : member,
      pod: {name, namespace, uid, sandboxId},
      image,
      state: 'running',
      pid,
      shimPid: pid - 10,
      runtime: {
        name: 'runc',
        evidence: {kind: 'disk', source: `/run/docker/runtime-runc/moby/${id}/state.json`, text: 'the state directory of runc is there'},
      },
      log: {path: `/var/lib/docker/containers/${id}/${id}-json.log`, driver: 'json-file'},
      cgroup: {path: `${slice}/docker-${id}.scope`, driver: 'systemd'},
      ports: [],
      evidence: [
        {kind: 'parent', pid, ppid: pid - 10},
        {kind: 'cgroup', pid, path: `${slice}/docker-${id}.scope`},
        {kind: 'disk', source: `/var/lib/docker/containers/${id}/config.v2.json`, text: `io.kubernetes.pod.name is ${name}`},
      ],
    }
  })
}

function dockershimContainers(): readonly Container[] {
  const id = hexId('registry-mirror')
  return [
    ...pods.flatMap((pod, index) => dockerPod(pod, index)),
    {
      id, kind: 'container', engine: 'docker', engineNamespace: 'moby', name: 'registry-mirror', image: 'registry:2.8', state: 'running',
      pid: 7020, shimPid: 7010,
      runtime: {name: 'runc', evidence: {kind: 'disk', source: `/run/docker/runtime-runc/moby/${id}/state.json`, text: 'the state directory of runc is there'}},
      log: {path: `/var/lib/docker/containers/${id}/${id}-json.log`, driver: 'json-file'},
      cgroup: {path: `/system.slice/docker-${id}.scope`, driver: 'systemd'}, init: 'docker-init', ports: ['5000->5000/tcp'],
      evidence: [{kind: 'parent', pid: 7020, ppid: 7010}],
    },
  ]
}

const daemonsBelowDocker: readonly ChainNode[] = [
  node('dockerd', {
    layer: 'engine', component: 'dockerd', label: 'dockerd', version: '20.10.24', pids: [640],
    notes: ['storage overlay2', 'cgroup driver systemd', 'data root /var/lib/docker'],
    evidence: [{kind: 'listens', pid: 640, path: '/run/docker.sock'}, {kind: 'reported', by: 'docker', source: '/run/docker.sock', text: 'version 20.10.24'}],
  }),
  node('containerd', {
    layer: 'engine', component: 'containerd', label: 'containerd', version: '1.6.20', pids: [618], notes: ['namespace moby', 'CRI plugin disabled'],
    evidence: [
      {kind: 'listens', pid: 618, path: '/run/containerd/containerd.sock'},
      {kind: 'config', source: '/etc/containerd/config.toml', text: 'disabled_plugins = ["cri"]'},
    ],
  }),
]

/** Kubernetes 1.20 through dockershim: 8 pods with 10 containers, and a container that no pod owns. 19 shims. */
export function dockershimNode(): InspectReport {
  const containers = dockershimContainers()
  const shims = containers.map(({shimPid}) => shimPid!)
  const nodes: readonly ChainNode[] = [
    node('kubelet', {
      layer: 'orchestration', component: 'kubelet', label: 'kubelet', version: '1.20.2', pids: [1042], notes: ['cgroup driver systemd'],
      evidence: [{kind: 'process', pid: 1042, text: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --network-plugin=cni'}],
    }),
    node('docker-cli', {
      layer: 'orchestration', component: 'docker', label: 'Docker clients', notes: ['none connected now'], status: 'configured',
      evidence: [{kind: 'unit', source: '/lib/systemd/system/docker.socket', text: 'ListenStream=/run/docker.sock'}],
    }),
    node('dockershim', {
      layer: 'cri', component: 'dockershim', label: 'dockershim', version: '1.20.2', notes: ['inside the kubelet', 'CRI v1alpha2'],
      evidence: [
        {kind: 'listens', pid: 1042, path: DOCKERSHIM_SOCKET},
        {kind: 'argv', source: 'argv of pid 1042', text: 'no --container-runtime: docker is the default before 1.24'},
      ],
    }),
    ...daemonsBelowDocker,
    node('shims', {
      layer: 'shim', component: 'containerd-shim-runc-v2', label: `containerd-shim-runc-v2 ×${shims.length}`, version: '1.6.20', pids: shims,
      notes: ['one per container', 'children of pid 1'], evidence: [{kind: 'parent', pid: shims[0]!, ppid: 1}],
    }),
    node('runc', {
      layer: 'oci', component: 'runc', label: 'runc', version: '1.1.5', notes: ['exits once the container runs'],
      evidence: [{kind: 'disk', source: '/run/docker/runtime-runc/moby', text: `${shims.length} state directories`}],
    }),
  ]
  const below = ['dockerd', 'containerd', 'shims', 'runc']
  return {
    schemaVersion: 1,
    rtctl: '0.1.0',
    host: {name: 'node-1', os: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-18-amd64', architecture: 'x86_64', time: '2026-03-02T09:14:07Z'},
    chain: {
      ...NOTHING,
      nodes,
      edges: dockershimEdges(shims.length),
      chains: [
        {id: 'kubernetes', title: 'Kubernetes through dockershim', kind: 'kubernetes', status: 'observed', nodes: ['kubelet', 'dockershim', ...below], containers: containers.filter(({pod}) => pod).map(({id}) => id)},
        {id: 'docker', title: 'Docker', kind: 'docker', status: 'observed', nodes: ['docker-cli', ...below], containers: containers.filter(({pod}) => !pod).map(({id}) => id)},
      ],
      containers,
      oddities: [{
        id: 'non-pod-containers', level: 'note', text: '1 container was started with Docker and belongs to no pod: registry-mirror',
        next: 'It stays with Docker when the node moves to another runtime: find out who starts it.',
        evidence: [{kind: 'disk', source: `/var/lib/docker/containers/${hexId('registry-mirror')}/config.v2.json`, text: 'no label io.kubernetes.pod.name'}],
      }],
      beside: [
        {component: 'docker-proxy', pids: [7001, 7005], talksTo: []},
        {component: 'flannel', pids: [5620], talksTo: []},
        {component: 'fluent-bit', pids: [5720], talksTo: ['/run/docker.sock']},
      ],
      summary: {
        kubelet: '1.20.2',
        criEndpoint: {configured: `unix://${DOCKERSHIM_SOCKET}`, inUse: DOCKERSHIM_SOCKET, source: 'the default of kubelet 1.20'},
        criVersions: 'v1alpha2',
        cgroup: {mode: 'v1', kubelet: 'systemd', runtime: 'systemd'},
        ociRuntimes: ['runc 1.1.5'], handlers: ['docker'], storage: ['overlay2'], logging: ['json-file'],
        versions: {kubelet: '1.20.2', dockerd: '20.10.24', containerd: '1.6.20', runc: '1.1.5', 'docker-init': '0.19.0'},
      },
    },
  }
}

function dockershimEdges(shims: number): readonly ChainEdge[] {
  return [
    edge('kubelet', 'dockershim', 'in-process', {address: DOCKERSHIM_SOCKET, evidence: [{kind: 'listens', pid: 1042, path: DOCKERSHIM_SOCKET}]}),
    edge('dockershim', 'dockerd', 'docker-http', {
      address: '/run/docker.sock',
      evidence: [{kind: 'socket-peer', path: '/run/docker.sock', fromPid: 1042, toPid: 640, connections: 3}],
    }),
    edge('docker-cli', 'dockerd', 'docker-http', {
      address: '/run/docker.sock', status: 'configured',
      evidence: [{kind: 'unit', source: '/lib/systemd/system/docker.socket', text: 'ListenStream=/run/docker.sock'}],
    }),
    edge('dockerd', 'containerd', 'containerd-grpc', {
      address: '/run/containerd/containerd.sock',
      evidence: [
        {kind: 'argv', source: 'argv of pid 640', text: '--containerd=/run/containerd/containerd.sock'},
        {kind: 'socket-peer', path: '/run/containerd/containerd.sock', fromPid: 640, toPid: 618, connections: 6},
      ],
    }),
    edge('containerd', 'shims', 'ttrpc', {evidence: [{kind: 'argv', source: 'argv of pid 4990', text: '-namespace moby -address /run/containerd/containerd.sock'}]}),
    edge('shims', 'runc', 'fork-exec', {evidence: [{kind: 'disk', source: '/run/docker/runtime-runc/moby', text: `${shims} state directories`}]}),
  ]
}

// ---------------------------------------------------------------- two engines, a nested node, orphans

const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

function plainContainer(name: string, rest: Partial<Container> & Pick<Container, 'engine'>): Container {
  return {id: hexId(name), kind: 'container', name, state: 'running', ports: [], evidence: [], ...rest}
}

function podContainers(namespace: string, pod: string, names: readonly string[], pid: number, inside?: string): readonly Container[] {
  const sandboxId = hexId(`${inside ?? ''}${pod}/POD`)
  return ['POD', ...names].map((name, index) => ({
    ...plainContainer(`${inside ?? ''}${pod}/${name}`, {engine: 'containerd'}),
    kind: index === 0 ? 'sandbox' : 'container',
    engineNamespace: 'k8s.io',
    name: index === 0 ? pod : name,
    pod: {name: pod, namespace, uid: hexId(pod).slice(0, 32), sandboxId},
    image: index === 0 ? 'registry.k8s.io/pause:3.9' : `registry.example.com/${name}:1`,
    pid: pid + index,
    shimPid: pid - 1,
    runtime: {name: index === 0 || name !== 'untrusted' ? 'runc' : 'runsc', evidence: {kind: 'disk', source: `/run/containerd/runc/k8s.io/${sandboxId}`, text: 'state.json is there'}},
    log: {path: `/var/log/pods/${namespace}_${pod}_${hexId(pod).slice(0, 32)}/${name}/0.log`, driver: 'cri'},
    cgroup: {path: `/kubepods.slice/kubepods-pod${hexId(pod).slice(0, 32)}.slice/cri-containerd-${sandboxId}.scope`, driver: 'systemd'},
    ...(inside === undefined ? {} : {inside}),
  }))
}

function twoEnginesNodes(): readonly ChainNode[] {
  return [
    node('kubelet', {
      layer: 'orchestration', component: 'kubelet', label: 'kubelet', version: '1.29.4', pids: [1200], notes: ['cgroup driver cgroupfs'],
      evidence: [{kind: 'process', pid: 1200, text: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}],
    }),
    node('compose', {layer: 'orchestration', component: 'docker', label: 'Docker Compose', version: '2.24.5', pids: [8800], evidence: [{kind: 'process', pid: 8800, text: 'docker compose up'}]}),
    node('cri-plugin', {layer: 'cri', component: 'CRI plugin', label: 'CRI plugin', version: '1.7.13', notes: ['inside containerd', 'CRI v1']}),
    node('cri-dockerd', {
      layer: 'cri', component: 'cri-dockerd', label: 'cri-dockerd', status: 'broken', notes: ['unit enabled, not running'],
      evidence: [{kind: 'missing', source: '/run/cri-dockerd.sock', text: 'nobody listens'}],
    }),
    node('dockerd', {layer: 'engine', component: 'dockerd', label: 'dockerd', version: '26.1.5', pids: [900], notes: ['storage overlay2', 'live-restore']}),
    node('containerd', {layer: 'engine', component: 'containerd', label: 'containerd', version: '1.7.13', pids: [700], notes: ['namespaces k8s.io, moby', 'snapshotter overlayfs']}),
    node('shims-k8s', {layer: 'shim', component: 'containerd-shim-runc-v2', label: 'containerd-shim-runc-v2 ×4', version: '1.7.13', pids: [3000, 3100, 3200, 3300], notes: ['namespace k8s.io', 'one per pod']}),
    node('shim-runsc', {layer: 'shim', component: 'containerd-shim-runsc-v1', label: 'containerd-shim-runsc-v1', pids: [3400], notes: ['namespace k8s.io']}),
    node('shims-moby', {layer: 'shim', component: 'containerd-shim-runc-v2', label: 'containerd-shim-runc-v2 ×3', version: '1.7.13', pids: [4000, 4100, 4200], notes: ['namespace moby']}),
    node('runc', {layer: 'oci', component: 'runc', label: 'runc', version: '1.1.12'}),
    node('runsc', {layer: 'oci', component: 'runsc', label: 'runsc', version: 'release-20240212.0', notes: ['gVisor']}),
    node('kind-kubelet', {layer: 'orchestration', component: 'kubelet', label: 'kubelet', version: '1.29.2', pids: [4400], inside: 'kind'}),
    node('kind-cri', {layer: 'cri', component: 'CRI plugin', label: 'CRI plugin', notes: ['inside containerd'], inside: 'kind'}),
    node('kind-containerd', {layer: 'engine', component: 'containerd', label: 'containerd', version: '1.7.13', pids: [4300], notes: ['namespace k8s.io', 'snapshotter overlayfs'], inside: 'kind'}),
    node('kind-shims', {layer: 'shim', component: 'containerd-shim-runc-v2', label: 'containerd-shim-runc-v2 ×2', pids: [4500, 4600], inside: 'kind'}),
    node('kind-runc', {layer: 'oci', component: 'runc', label: 'runc', version: '1.1.12', inside: 'kind'}),
  ]
}

function twoEnginesEdges(): readonly ChainEdge[] {
  const peer = (path: string, fromPid: number, toPid: number): Evidence => ({kind: 'socket-peer', path, fromPid, toPid, connections: 2})
  return [
    edge('kubelet', 'cri-plugin', 'cri-grpc', {address: CONTAINERD_SOCKET, evidence: [peer(CONTAINERD_SOCKET, 1200, 700)]}),
    edge('kubelet', 'cri-dockerd', 'cri-grpc', {
      address: '/run/cri-dockerd.sock', status: 'broken',
      evidence: [
        {kind: 'config', source: '/var/lib/kubelet/kubeadm-flags.env', text: '--container-runtime-endpoint=unix:///run/cri-dockerd.sock'},
        {kind: 'missing', source: '/run/cri-dockerd.sock', text: 'the socket file is there, and nobody listens on it'},
      ],
    }),
    edge('cri-plugin', 'containerd', 'in-process', {evidence: [{kind: 'config', source: '/etc/containerd/config.toml', text: 'disabled_plugins is empty'}]}),
    edge('cri-dockerd', 'dockerd', 'docker-http', {address: '/run/docker.sock', status: 'configured', evidence: [{kind: 'unit', source: '/lib/systemd/system/cri-docker.service', text: 'After=docker.service'}]}),
    edge('compose', 'dockerd', 'docker-http', {address: '/run/docker.sock', evidence: [peer('/run/docker.sock', 8800, 900)]}),
    edge('dockerd', 'containerd', 'containerd-grpc', {address: CONTAINERD_SOCKET, evidence: [peer(CONTAINERD_SOCKET, 900, 700)]}),
    edge('containerd', 'shims-k8s', 'ttrpc', {evidence: [{kind: 'argv', source: 'argv of pid 3000', text: '-namespace k8s.io'}]}),
    edge('containerd', 'shim-runsc', 'ttrpc', {evidence: [{kind: 'argv', source: 'argv of pid 3400', text: '-namespace k8s.io'}]}),
    edge('containerd', 'shims-moby', 'ttrpc', {evidence: [{kind: 'argv', source: 'argv of pid 4000', text: '-namespace moby'}]}),
    edge('shims-k8s', 'runc', 'fork-exec'),
    edge('shims-moby', 'runc', 'fork-exec'),
    edge('shim-runsc', 'runsc', 'fork-exec'),
    edge('kind-kubelet', 'kind-cri', 'cri-grpc', {address: CONTAINERD_SOCKET, evidence: [peer(CONTAINERD_SOCKET, 4400, 4300)]}),
    edge('kind-cri', 'kind-containerd', 'in-process'),
    edge('kind-containerd', 'kind-shims', 'ttrpc'),
    edge('kind-shims', 'kind-runc', 'fork-exec'),
  ]
}

const TWO_ENGINES_ASIDE: Pick<RuntimeChain, 'nested' | 'orphans' | 'oddities' | 'gaps' | 'beside'> = {
  nested: [{id: 'kind', label: 'kind node kind-control-plane', pid: 4211}],
  orphans: [
    {
      kind: 'shim-without-daemon', text: '2 shims point at /run/docker/containerd/containerd.sock, where nobody listens: their containers run on and nobody manages them',
      pids: [2100, 2140], containers: [hexId('old-db'), hexId('old-cache')],
      evidence: [{kind: 'argv', source: 'argv of pid 2100', text: '-address /run/docker/containerd/containerd.sock'}, {kind: 'missing', source: '/run/docker/containerd/containerd.sock', text: 'no such file'}],
    },
    {
      kind: 'pod-in-two-runtimes', text: 'pod shop/cart-0 has a sandbox in Docker and one in containerd', pids: [2180, 3101], containers: [hexId('old-cart')],
      evidence: [{kind: 'disk', source: '/var/lib/docker/containers', text: 'label io.kubernetes.pod.name=cart-0'}],
    },
  ],
  oddities: [
    {
      id: 'endpoint-without-listener', level: 'problem', text: 'kubeadm-flags.env names /run/cri-dockerd.sock, where nobody listens',
      next: 'Remove the flag, or start cri-dockerd: systemctl status cri-docker',
      evidence: [
        {kind: 'config', source: '/var/lib/kubelet/kubeadm-flags.env', text: '--container-runtime-endpoint=unix:///run/cri-dockerd.sock'},
        {kind: 'missing', source: '/run/cri-dockerd.sock', text: 'the socket file is there, and nobody listens on it'},
      ],
    },
    {
      id: 'cgroup-drivers-differ', level: 'problem', text: 'the kubelet uses the cgroupfs driver and containerd the systemd driver',
      next: 'Set cgroupDriver: systemd in /var/lib/kubelet/config.yaml.',
      evidence: [{kind: 'config', source: '/var/lib/kubelet/config.yaml', text: 'cgroupDriver: cgroupfs'}, {kind: 'config', source: '/etc/containerd/config.toml', text: 'SystemdCgroup = true'}],
    },
    {id: 'two-engines', level: 'note', text: 'Docker and Kubernetes share one containerd, told apart by namespace (moby, k8s.io)', evidence: []},
  ],
  gaps: [{what: 'peers of unix sockets in the nested node', source: 'ss -xa in the network namespace of pid 4300', reason: 'EACCES', next: 'Run rtctl as root.'}],
  beside: [
    {component: 'buildkitd', pids: [8100], talksTo: [CONTAINERD_SOCKET]},
    {component: 'calico', pids: [3601, 3640], talksTo: []},
    {component: 'Datadog agent', pids: [3700], inside: 'kind', talksTo: [CONTAINERD_SOCKET]},
  ],
}

/** Docker for Compose beside containerd for Kubernetes on one containerd; a kind node inside; orphans; a broken endpoint. */
export function twoEngines(): InspectReport {
  const kubernetes = [
    ...podContainers('kube-system', 'kube-proxy-9c8wq', ['kube-proxy'], 3001),
    ...podContainers('shop', 'cart-0', ['cart', 'redis'], 3101),
    ...podContainers('shop', 'web-7f9c6b5d4-2xk8v', ['web'], 3201),
    ...podContainers('jobs', 'nightly-28471680-vq5hd', ['untrusted'], 3401),
  ]
  const docker = [
    plainContainer('compose-web-1', {engine: 'docker', engineNamespace: 'moby', image: 'nginx:1.25', pid: 4001, shimPid: 4000, ports: ['8080->80/tcp'], log: {driver: 'local'}}),
    plainContainer('compose-db-1', {engine: 'docker', engineNamespace: 'moby', image: 'postgres:16', state: 'exited', log: {driver: 'journald'}}),
    plainContainer('kind-control-plane', {engine: 'docker', engineNamespace: 'moby', image: 'kindest/node:v1.29.2', pid: 4211, shimPid: 4200}),
  ]
  const nested = [...podContainers('kube-system', 'etcd-kind-control-plane', ['etcd'], 4501, 'kind'), ...podContainers('default', 'demo', ['demo'], 4601, 'kind')]
  const orphans = ['old-db', 'old-cache', 'old-cart'].map((name, index) => plainContainer(name, {engine: 'docker', engineNamespace: 'moby', pid: 2101 + index * 40, state: 'unknown'}))
  const ids = (containers: readonly Container[]): readonly string[] => containers.map(({id}) => id)
  const chains: readonly Chain[] = [
    {id: 'k8s', title: 'Kubernetes on containerd', kind: 'kubernetes', status: 'observed', nodes: ['kubelet', 'cri-plugin', 'containerd', 'shims-k8s', 'runc'], containers: ids(kubernetes.slice(0, -2))},
    {id: 'k8s-gvisor', title: 'Kubernetes on containerd, gVisor', kind: 'kubernetes', status: 'observed', nodes: ['kubelet', 'cri-plugin', 'containerd', 'shim-runsc', 'runsc'], containers: ids(kubernetes.slice(-2))},
    {id: 'k8s-cri-dockerd', title: 'Kubernetes through cri-dockerd', kind: 'kubernetes', status: 'broken', nodes: ['kubelet', 'cri-dockerd', 'dockerd'], containers: []},
    {id: 'docker', title: 'Docker', kind: 'docker', status: 'observed', nodes: ['compose', 'dockerd', 'containerd', 'shims-moby', 'runc'], containers: ids(docker)},
    {id: 'kind', title: 'Kubernetes on containerd', kind: 'kubernetes', status: 'observed', nodes: ['kind-kubelet', 'kind-cri', 'kind-containerd', 'kind-shims', 'kind-runc'], containers: ids(nested), inside: 'kind'},
  ]
  return {
    schemaVersion: 1,
    rtctl: '0.1.0',
    host: {name: 'build-07.example.com', os: 'Ubuntu 24.04.1 LTS', kernel: '6.8.0-41-generic', architecture: 'aarch64', time: '2026-03-02T09:20:55Z'},
    chain: {
      ...TWO_ENGINES_ASIDE,
      nodes: twoEnginesNodes(), edges: twoEnginesEdges(), chains,
      containers: [...kubernetes, ...docker, ...nested, ...orphans],
      summary: {
        kubelet: '1.29.4',
        criEndpoint: {configured: 'unix:///run/cri-dockerd.sock', inUse: CONTAINERD_SOCKET, source: '/var/lib/kubelet/kubeadm-flags.env'},
        criVersions: 'v1', cgroup: {mode: 'v2', kubelet: 'cgroupfs', runtime: 'systemd'},
        ociRuntimes: ['runc 1.1.12', 'runsc release-20240212.0'], handlers: ['runc', 'runsc'], storage: ['overlay2', 'overlayfs'], logging: ['journald', 'local', 'cri'],
        versions: {kubelet: '1.29.4', dockerd: '26.1.5', containerd: '1.7.13', runc: '1.1.12', runsc: 'release-20240212.0'},
      },
    },
  }
}

// ---------------------------------------------------------------- nothing, and everything hostile

/** A machine without any container runtime. */
export function emptyHost(): InspectReport {
  return {
    schemaVersion: 1,
    rtctl: '0.1.0',
    host: {name: 'laptop', os: 'Debian GNU/Linux 13 (trixie)', kernel: '6.12.9', architecture: 'x86_64', time: '2026-03-02T09:30:00Z'},
    chain: {...NOTHING, summary: {...NOTHING.summary, cgroup: {mode: 'v2'}}},
  }
}

/** What a host may call its things to break or fool whoever draws them. */
export const HOSTILE: readonly string[] = [
  '"]; click n0 "javascript:alert(1)"; n9["',
  '</text></svg><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<!-- --><style>*{display:none}</style>',
  'a\nend\nsubgraph x\n%%{init: {"securityLevel": "loose"}}%%',
  '\u001b[2J\u001b]0;owned\u0007\u009b31m',
  'txt.\u202egnp.exe\u2066\u200b\ufeff\u{e0041}',
  '`backticks` and #quot; #35; &lt;b&gt; &#60;',
  'back\\slash \\N \\G \\" \\',
  "it's ${'${'}a} {{b}} %{c} <%= d %> ]]>",
  'style a:#b; classDef c fill:#fff;',
  '1. list\n- item\n# heading',
  '\ud800 lone surrogate \u{1f433} 漢字 ﬂ°°60¶ß',
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  'null',
  '2024-01-01',
  '0x1f',
  '~',
  '',
]

/** Hostile text in every place that a host can fill. */
export function hostileNames(): InspectReport {
  const base = twoEngines()
  let next = 0
  const hostile = (): string => HOSTILE[next++ % HOSTILE.length]!
  const evidence = (): readonly Evidence[] => [
    {kind: 'process', pid: 1, text: hostile()}, {kind: 'config', source: hostile(), text: hostile()},
    {kind: 'socket-peer', path: hostile(), fromPid: 1, toPid: 2, connections: 1}, {kind: 'reported', by: 'cri', source: hostile(), text: hostile()},
    {kind: 'cgroup', pid: 1, path: hostile()}, {kind: 'listens', pid: 1, path: hostile()}, {kind: 'missing', source: hostile(), text: hostile()},
  ]
  const {chain} = base
  return {
    schemaVersion: 1,
    rtctl: base.rtctl,
    host: {name: HOSTILE[1]!, os: hostile(), kernel: hostile(), architecture: hostile(), time: hostile()},
    chain: {
      nodes: chain.nodes.map((each) => ({...each, label: hostile(), version: hostile(), notes: [hostile(), hostile()], evidence: evidence()})),
      edges: chain.edges.map((each) => ({...each, address: hostile(), evidence: evidence()})),
      chains: chain.chains.map((each) => ({...each, title: hostile()})),
      containers: chain.containers.map((each) => ({
        ...each, name: hostile(), image: hostile(), engineNamespace: hostile(), ports: [hostile()], init: hostile(),
        pod: {name: hostile(), namespace: hostile(), uid: hostile(), sandboxId: hostile()},
        runtime: {name: hostile(), evidence: evidence()[0]!}, log: {path: hostile(), driver: hostile()},
        cgroup: {path: hostile(), driver: 'unknown'}, evidence: evidence(),
      })),
      nested: chain.nested.map((each) => ({...each, label: hostile()})),
      orphans: chain.orphans.map((each) => ({...each, text: hostile(), evidence: evidence()})),
      oddities: HOSTILE.map((text, index) => ({id: `hostile-${index}`, level: 'note', text, next: hostile(), evidence: evidence()})),
      gaps: HOSTILE.map((text) => ({what: text, source: hostile(), reason: hostile(), next: hostile()})),
      beside: chain.beside.map((each) => ({...each, component: hostile(), talksTo: [hostile()]})),
      summary: {
        kubelet: hostile(), criEndpoint: {configured: hostile(), inUse: hostile(), source: hostile()}, criVersions: hostile(),
        cgroup: {mode: 'v1', kubelet: hostile(), runtime: hostile()}, ociRuntimes: [hostile()], handlers: [hostile()], storage: [hostile()], logging: [hostile()],
        versions: Object.fromEntries(HOSTILE.map((name) => [name, hostile()])),
      },
    },
  }
}

/** Every sample, with a name for the title of a test. */
export const SAMPLES: readonly (readonly [string, () => InspectReport])[] = [
  ['a dockershim node', dockershimNode],
  ['two engines with a nested node and orphans', twoEngines],
  ['an empty host', emptyHost],
  ['a host with hostile names', hostileNames],
]

// ---------------------------------------------------------------- large ones

/** 1,000 containers named worker-0 to worker-999 on the Docker chain of the dockershim node. */
export function thousandContainers(): InspectReport {
  const base = dockershimNode()
  const template = base.chain.containers.find(({pod}) => !pod)
  const containers = Array.from({length: 1000}, (_, index): Container => ({...template!, id: hexId(`worker-${index}`), name: `worker-${index}`, pid: 10_000 + index}))
  const chains = base.chain.chains.map((chain) => ({...chain, containers: chain.id === 'docker' ? containers.map(({id}) => id) : []}))
  return {...base, chain: {...base.chain, containers, chains}}
}

/** Eight chains that share one containerd, each from a client that speaks to it directly and over a CRI server: hard to draw. */
export function manyChains(): InspectReport {
  const base = emptyHost()
  const numbers = Array.from({length: 8}, (_, index) => index)
  const nodes: readonly ChainNode[] = [
    node('containerd', {layer: 'engine', component: 'containerd', label: 'containerd', version: '2.1.4', pids: [700]}),
    ...numbers.flatMap((n) => [
      node(`client-${n}`, {layer: 'orchestration', component: 'kubelet', label: `kubelet of cluster ${n}`, pids: [1000 + n], notes: ['one', 'two', 'three', 'four', 'five', 'six']}),
      node(`cri-${n}`, {layer: 'cri', component: 'CRI plugin', label: 'CRI plugin', ...(n === 3 ? {status: 'broken'} : {})}),
      node(`shim-${n}`, {layer: 'shim', component: 'containerd-shim-runc-v2', label: `containerd-shim-runc-v2 ×${n * 1000}`, pids: [2000 + n]}),
      node(`process-${n}`, {layer: 'process', component: 'pause', label: `first process of a container ${n}`, pids: [3000 + n]}),
    ]),
    node('loner', {layer: 'cri', component: 'cri-dockerd', label: 'cri-dockerd', status: 'configured'}),
  ]
  const socket = '/run/user/1000/a-rather-long-folder-name/containerd/containerd.sock'
  const edges = numbers.flatMap((n): readonly ChainEdge[] => [
    edge(`client-${n}`, `cri-${n}`, 'cri-grpc', {address: socket, ...(n === 3 ? {status: 'broken'} : {})}),
    edge(`client-${n}`, 'containerd', 'containerd-grpc', {address: socket}),
    edge(`cri-${n}`, 'containerd', 'in-process'),
    edge('containerd', `shim-${n}`, 'ttrpc'),
    edge(`shim-${n}`, `process-${n}`, 'fork-exec'),
    edge('containerd', `process-${n}`, 'fork-exec', {status: 'configured'}),
  ])
  const chains = numbers.map((n): Chain => ({
    id: `${n}`, title: `Kubernetes of cluster ${n} with a title that takes more room than its column has`, kind: 'kubernetes', status: 'observed',
    nodes: [`client-${n}`, `cri-${n}`, 'containerd', `shim-${n}`, `process-${n}`], containers: [],
  }))
  return {...base, chain: {...base.chain, nodes, edges: [...edges, edge('process-1', 'cri-1', 'cri-grpc')], chains}}
}
