// SPDX-License-Identifier: Apache-2.0
// Nodes made of a few files and processes, read by the real probes, and their needs.
import {readNode} from '../../../src/app/preflight/nodes.ts'
import type {ExampleFile, ExampleProcess, NodeExample, Upgrade} from '../../../src/model/check.ts'
import type {Facts} from '../../../src/model/facts.ts'
import type {NodeNeeds, Remark, Verdict} from '../../../src/model/migration/needs.ts'
import type {NodeFacts} from '../../../src/model/node-facts.ts'
import {nodeNeeds} from '../../../src/needs/node-needs.ts'
import {exampleHost} from '../../support/example-host.ts'
import {openFixture} from '../../golden/goldens.ts'

const CONTAINERD: Upgrade = {target: 'containerd', kubernetes: '1.24', oracle: {}}

interface Change {
  readonly facts?: Partial<Facts>
  readonly known?: Partial<NodeFacts>
}

/** The needs of a node; `change` takes the place of facts that were read. */
export async function needsOf(example: NodeExample, change: Change = {}): Promise<NodeNeeds> {
  const read = await readNode(exampleHost(example), 'example')
  return nodeNeeds({
    facts: {...read.facts, ...change.facts}, known: {...read.known, ...change.known}, chain: read.chain, upgrade: {...CONTAINERD, ...example.upgrade},
  })
}

/** The needs of a captured node. */
export async function needsOfCaptured(name: string, upgrade: Partial<Upgrade> = {}): Promise<NodeNeeds> {
  const {facts, known, chain} = await readNode(openFixture(name), name)
  return nodeNeeds({facts, known, chain, upgrade: {...CONTAINERD, ...upgrade}})
}

interface DockerNode {
  readonly daemon?: object | string
  /** more flags of the kubelet */
  readonly kubelet?: string
  /** more flags of dockerd */
  readonly dockerd?: string
  /** KubeletConfiguration */
  readonly config?: string
  readonly info?: object
  readonly files?: Readonly<Record<string, ExampleFile>>
  readonly processes?: Readonly<Record<number, string | ExampleProcess>>
  readonly answers?: Readonly<Record<string, unknown>>
  readonly upgrade?: Partial<Upgrade>
  /** of the kubelet */
  readonly version?: string
}

/** A node with a kubelet that has dockershim inside, and a dockerd that answers. */
export function dockerNode({daemon, kubelet = '', dockerd = '', config = 'kind: KubeletConfiguration\n', info = {}, version = '1.20.2', ...more}: DockerNode = {}): NodeExample {
  const words = (text: string) => text.split(' ').filter((word) => word !== '')
  return {
    processes: {
      640: '/usr/bin/containerd',
      700: {argv: words(`/usr/bin/kubelet --network-plugin=cni --config=/var/lib/kubelet/config.yaml ${kubelet}`), files: {exe: {link: '/usr/bin/kubelet'}}},
      812: {argv: words(`/usr/bin/dockerd -H unix:///run/docker.sock ${dockerd}`)},
      ...more.processes,
    },
    files: {
      '/proc/1/comm': 'systemd\n', '/var/lib/kubelet/config.yaml': config, '/run/docker.sock': {socket: true}, '/var/lib/docker/containers': {directory: true},
      '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="--network-plugin=cni ${kubelet}"\n`,
      ...(daemon !== undefined && {'/etc/docker/daemon.json': typeof daemon === 'string' ? daemon : JSON.stringify(daemon, undefined, 2)}),
      ...more.files,
    },
    answers: {
      'kubelet version /usr/bin/kubelet': `Kubernetes v${version}\n`,
      'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {CgroupDriver: 'cgroupfs', Driver: 'overlay2', Swarm: {LocalNodeState: 'inactive'}, ...info}},
      ...more.answers,
    },
    upgrade: {...CONTAINERD, ...more.upgrade},
  }
}

/** A container of Docker as it keeps it, and its processes. */
export function dockerContainer(index: number, {name, image, id = '', labels = {}, exited = false}: {name: string; image: string; id?: string; labels?: Readonly<Record<string, string>>; exited?: boolean}) {
  const container = String(index).repeat(64).slice(0, 64)
  const pid = 2001 + index * 10
  const State = exited ? {Running: false, StartedAt: '2026-01-01T00:00:00Z'} : {Running: true, Pid: pid, StartedAt: '2026-01-01T00:00:00Z'}
  return {
    files: {[`/var/lib/docker/containers/${container}/config.v2.json`]: JSON.stringify({ID: container, Name: `/${name}`, Image: id, State, Config: {Image: image, Labels: labels}})},
    processes: exited ? {} : {
      [pid - 1]: `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${container} -address /run/containerd/containerd.sock`,
      [pid]: {argv: [`/bin/${name}`], ppid: pid - 1, cgroup: `/system.slice/docker-${container}.scope`},
    } as Readonly<Record<number, string | ExampleProcess>>,
  }
}

/** Labels that the kubelet gives a container of a pod. */
export function podLabels(pod: string, container: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    'io.kubernetes.pod.name': pod, 'io.kubernetes.pod.namespace': 'default', 'io.kubernetes.pod.uid': `uid-${pod}`, 'io.kubernetes.container.name': container,
    'io.kubernetes.docker.type': container === 'POD' ? 'podsandbox' : 'container', ...more,
  }
}

/** Puts the files and processes of containers together. */
export function withContainers(...all: readonly ReturnType<typeof dockerContainer>[]): Required<Pick<DockerNode, 'files' | 'processes'>> {
  const [files, processes]: [Record<string, ExampleFile>, Record<number, string | ExampleProcess>] = [{}, {}]
  for (const one of all) {
    Object.assign(files, one.files)
    Object.assign(processes, one.processes)
  }
  return {files, processes}
}

export function verdictOf({verdicts}: NodeNeeds, setting: string): Verdict {
  const found = verdicts.filter((one) => one.setting === setting)
  if (found.length !== 1) throw new Error(`${found.length} rows for ${setting}; there are ${verdicts.map((one) => one.setting).join(', ')}`)
  return found[0] as Verdict
}

/** Remarks whose text has these words. */
export function remarksOn({remarks}: NodeNeeds, words: RegExp): readonly Remark[] {
  return remarks.filter(({text}) => words.test(text))
}
