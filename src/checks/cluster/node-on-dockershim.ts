// SPDX-License-Identifier: Apache-2.0
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import {CRI_SOCKET_ANNOTATION, clusterNodeOf, nodeInfoProofs, runtimeOfSocket} from '../lib/cluster-node.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

const WITHOUT = since('kubelet-without-dockershim')
const RUNTIMES_PAGE = 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/find-out-runtime-you-use/'

export const checks = [
  objectCheck({
    id: 'node-on-dockershim',
    title: {pass: 'No node runs its pods through dockershim', fail: 'A node runs its pods through dockershim'},
    why:
      'Kubelets from 1.24 on have no dockershim. After the upgrade the kubelet of such a node finds no runtime and does not start: the ' +
      'node goes NotReady, and so do all nodes of its kind.',
    severity: 'blocker',
    fix: {
      containerd:
        'Node by node, before its kubelet is upgraded: drain, stop its containers and dockerd, configure containerd, ' +
        '`--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock`, uncordon.',
      'cri-o':
        'Node by node, before its kubelet is upgraded: drain, stop its containers and dockerd, install CRI-O, ' +
        '`--container-runtime=remote --container-runtime-endpoint=unix:///var/run/crio/crio.sock`, uncordon.',
      'cri-dockerd':
        'Node by node, before its kubelet is upgraded: install cri-dockerd, drain, `--container-runtime=remote ' +
        '--container-runtime-endpoint=unix:///run/cri-dockerd.sock`, uncordon.',
    },
    learnMore: RUNTIMES_PAGE,
    kinds: ['Node'],
    applies: ({kubernetes}) => isAtLeast(kubernetes, WITHOUT),
    run({value}) {
      const node = clusterNodeOf(value)
      if (node.runtime !== 'docker' || node.windows || versionNumbers(node.kubelet).length === 0 || isAtLeast(node.kubelet, WITHOUT)) return []
      const socket = runtimeOfSocket(node.criSocket)
      // The adapter gives the same name of the runtime.
      if (socket === 'cri-dockerd') return []
      const but = socket === 'dockershim' ? '' : ', unless it was started with --container-runtime=remote and the endpoint of cri-dockerd'
      const evidence = [
        ...nodeInfoProofs(node),
        ...(node.criSocket === '' ? [] : [{source: `metadata.annotations["${CRI_SOCKET_ANNOTATION}"]`, text: node.criSocket}]),
      ]
      const text =
        `Node ${node.name}: kubelet ${node.kubelet} runs pods on Docker ${node.runtimeVersion} through dockershim${but}. A kubelet ` +
        'from 1.24 on does not start there.'
      return [problem('dockershim', text, {
        evidence, path: ['status', 'nodeInfo', 'containerRuntimeVersion'],
      })]
    },
    examples: {
      fail: [
        {manifest: nodeOf('docker://20.10.24', 'v1.23.17')}, {manifest: nodeOf('docker://1.13.1', 'v1.20.2', '/var/run/dockershim.sock')},
        {manifest: nodeOf('docker://20.10.24', 'v1.23.17'), upgrade: {target: 'cri-dockerd', kubernetes: '1.30'}},
      ],
      pass: [
        {manifest: nodeOf('containerd://1.6.20', 'v1.23.17')}, {manifest: nodeOf('docker://24.0.7', 'v1.28.1')},
        {manifest: nodeOf('docker://20.10.24', 'v1.23.17', 'unix:///var/run/cri-dockerd.sock')},
        {manifest: nodeOf('docker://20.10.24', 'v1.22.1'), upgrade: {kubernetes: '1.23'}},
      ],
    },
  }),
  objectCheck({
    id: 'node-on-cri-dockerd',
    title: {pass: 'No node runs its pods on Docker through cri-dockerd', fail: 'A node runs its pods on Docker through cri-dockerd'},
    why:
      'Everything that depends on Docker still works on such a node, and breaks when it moves to another runtime. A cluster of mixed ' +
      'nodes hides that until a pod is scheduled elsewhere.',
    severity: 'info',
    fix: {
      containerd:
        'Plan its move as that of a dockershim node: drain, stop containers and dockerd, configure containerd, change ' +
        'containerRuntimeEndpoint to unix:///run/containerd/containerd.sock, uncordon.',
      'cri-o':
        'Plan its move as that of a dockershim node: drain, stop containers and dockerd, install CRI-O, change ' +
        'containerRuntimeEndpoint to unix:///var/run/crio/crio.sock, uncordon.',
      'cri-dockerd': 'Nothing: it is there already.',
    },
    learnMore: RUNTIMES_PAGE,
    kinds: ['Node'],
    applies: ({target}) => target !== 'cri-dockerd',
    run({value}) {
      const node = clusterNodeOf(value)
      const adapter = isAtLeast(node.kubelet, WITHOUT) || runtimeOfSocket(node.criSocket) === 'cri-dockerd'
      if (node.runtime !== 'docker' || node.windows || !adapter) return []
      return [problem('cri-dockerd', `Node ${node.name}: kubelet ${node.kubelet} runs pods on Docker ${node.runtimeVersion} through cri-dockerd.`, {
        evidence: nodeInfoProofs(node), path: ['status', 'nodeInfo', 'containerRuntimeVersion'],
      })]
    },
    examples: {
      fail: [{manifest: nodeOf('docker://24.0.7', 'v1.28.1')}],
      pass: [
        {manifest: nodeOf('containerd://2.1.0', 'v1.33.0')}, {manifest: nodeOf('docker://20.10.24', 'v1.23.17')},
        {manifest: nodeOf('docker://24.0.7', 'v1.28.1'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
  objectCheck({
    id: 'windows-node-on-docker',
    title: {pass: 'No Windows node runs its pods on Docker', fail: 'A Windows node runs its pods on Docker'},
    why:
      'Windows kubelets from 1.24 on have no dockershim either, and neither CRI-O nor cri-dockerd is a way out that is kept up there: ' +
      'containerd is. What talks to the named pipe //./pipe/docker_engine finds nobody after the change.',
    severity: 'blocker',
    fix:
      'Replace the node by one with containerd 1.6 or newer: CRI endpoint npipe:////./pipe/containerd-containerd, and CNI plugins for ' +
      'Windows in C:\\Program Files\\containerd\\cni.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/',
    unproven: 'Taken from documentation: no Windows node was looked at.',
    kinds: ['Node'],
    applies: ({kubernetes}) => isAtLeast(kubernetes, WITHOUT),
    run({value}) {
      const node = clusterNodeOf(value)
      if (node.runtime !== 'docker' || !node.windows || isAtLeast(node.kubelet, WITHOUT)) return []
      const text =
        `Windows node ${node.name} runs pods on Docker ${node.runtimeVersion} with kubelet ${node.kubelet}, which from 1.24 on does ` +
        'not start there.'
      return [problem('windows', text, {
        evidence: nodeInfoProofs(node), path: ['status', 'nodeInfo', 'containerRuntimeVersion'],
      })]
    },
    examples: {
      fail: [{manifest: nodeOf('docker://20.10.9', 'v1.23.17', '', 'windows')}],
      pass: [{manifest: nodeOf('containerd://1.6.20', 'v1.23.17', '', 'windows')}, {manifest: nodeOf('docker://20.10.24', 'v1.23.17')}],
    },
  }),
]

function nodeOf(runtime: string, kubelet: string, criSocket = '', system = 'linux'): string {
  const annotations = criSocket === '' ? '' : `, annotations: {${CRI_SOCKET_ANNOTATION}: "${criSocket}"}`
  return `apiVersion: v1\nkind: Node\nmetadata: {name: n1${annotations}}\nstatus:\n` +
    `  nodeInfo: {containerRuntimeVersion: "${runtime}", kubeletVersion: ${kubelet}, operatingSystem: ${system}}\n`
}
