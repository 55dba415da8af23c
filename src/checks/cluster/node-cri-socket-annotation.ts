// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {CRI_SOCKET_ANNOTATION, type ClusterNode, clusterNodeOf, nodeInfoProofs, runtimeOfSocket, SOCKETS} from '../lib/cluster-node.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

const annotate = (socket: string) => `\`kubectl annotate node NODE --overwrite ${CRI_SOCKET_ANNOTATION}=${socket}\``

export const checks = [
  objectCheck({
    id: 'node-cri-socket-annotation',
    title: {
      pass: "kubeadm's note of each node's CRI socket fits its runtime",
      fail: "kubeadm's note of a node's CRI socket will not fit its runtime",
    },
    why:
      'kubeadm keeps the CRI socket of a node in an annotation and asks there, not on the node: `kubeadm upgrade node` and `kubeadm ' +
      'reset` then look for a runtime that is gone, fail, or hand the old socket back to the kubelet. From kubeadm 1.34 on the file ' +
      '/var/lib/kubelet/instance-config.yaml comes first, and the annotation only where it is missing.',
    severity: 'high',
    fix: {
      containerd: `When the node runs on containerd: ${annotate(SOCKETS.containerd)}.`,
      'cri-o': `When the node runs on CRI-O: ${annotate(SOCKETS['cri-o'])}.`,
      'cri-dockerd': `When the node runs on cri-dockerd: ${annotate(SOCKETS['cri-dockerd'])}.`,
    },
    learnMore: 'https://github.com/kubernetes/kubeadm/issues/2364',
    kinds: ['Node'],
    // kubeadm/app/util/config/cluster.go: the annotation is read up to 1.35, where the file is missing.
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')) && !isAtLeast(kubernetes, '1.36'),
    run({value}, {kubernetes}): readonly Outcome[] {
      const node = clusterNodeOf(value)
      if (node.criSocket === '') return []
      const wrong = mistakeOf(node, kubernetes)
      if (wrong === undefined) return []
      return [problem(wrong.key, `Node ${node.name}: ${wrong.text}`, {
        ...(wrong.low && {severity: 'low'}), ...(wrong.fix !== undefined && {fix: wrong.fix}), path: ['metadata', 'annotations', CRI_SOCKET_ANNOTATION],
        evidence: [{source: `metadata.annotations["${CRI_SOCKET_ANNOTATION}"]`, text: node.criSocket}, ...nodeInfoProofs(node)],
      })]
    },
    examples: {
      fail: [
        {manifest: nodeOf('/var/run/dockershim.sock', 'docker://20.10.24')},
        {manifest: nodeOf('/var/run/dockershim.sock', 'containerd://1.7.20'), upgrade: {kubernetes: '1.30'}},
        {manifest: nodeOf('unix:///run/containerd/containerd.sock', 'cri-o://1.28.2')},
        {manifest: nodeOf('/run/containerd/containerd.sock', 'containerd://1.7.20'), upgrade: {kubernetes: '1.28'}},
      ],
      pass: [
        {manifest: nodeOf('unix:///run/containerd/containerd.sock', 'containerd://1.7.20')},
        {manifest: nodeOf('unix:///run/k3s/containerd/containerd.sock', 'containerd://1.7.20-k3s1')},
        {manifest: nodeOf('unix:///var/run/cri-dockerd.sock', 'docker://24.0.7'), upgrade: {kubernetes: '1.28'}},
        {manifest: nodeOf('/run/containerd/containerd.sock', 'containerd://1.5.9')},
        {manifest: nodeOf('/var/run/dockershim.sock', 'containerd://2.2.0'), upgrade: {kubernetes: '1.36'}},
        {manifest: nodeOf('npipe:////./pipe/containerd-containerd', 'containerd://1.7.20'), upgrade: {kubernetes: '1.28'}},
      ],
    },
  }),
]

interface Mistake {
  readonly key: string
  readonly text: string
  readonly low?: boolean
  readonly fix?: string
}

function mistakeOf({criSocket, runtime}: ClusterNode, kubernetes: string): Mistake | undefined {
  const socket = runtimeOfSocket(criSocket)
  // The file of the node comes first.
  const low = isAtLeast(kubernetes, since('kubeadm-instance-config'))
  if (socket === 'dockershim') return {key: 'dockershim', low, text: `kubeadm ${kubernetes} will look for its runtime at ${criSocket}, the socket of dockershim, which is gone.`}
  const inUse = runtime === 'docker' ? 'cri-dockerd' : runtime
  if (socket !== undefined && inUse !== '' && socket !== inUse && Object.hasOwn(SOCKETS, inUse)) {
    const fix = `Name the socket of the runtime in use: ${annotate(SOCKETS[inUse as keyof typeof SOCKETS])}.`
    return {key: 'other-runtime', low, fix, text: `kubeadm ${kubernetes} will look for ${socket} at ${criSocket}, but the node runs on ${runtime}.`}
  }
  // `kubeadm upgrade` to 1.24 adds it, later ones do not: kubernetes/kubernetes#107295.
  if (!criSocket.startsWith('/') || !isAtLeast(kubernetes, '1.25') || low) return undefined
  return {
    key: 'scheme', low: true, fix: `Write it as a URL: ${annotate(`unix://${criSocket}`)}.`,
    text:
      `kubeadm has its CRI socket without a scheme, ${criSocket}: kubeadm ${kubernetes} warns and adds ` +
      'unix:// for itself, and later ones may refuse it.',
  }
}

function nodeOf(criSocket: string, runtime: string): string {
  return `apiVersion: v1\nkind: Node\nmetadata: {name: n1, annotations: {${CRI_SOCKET_ANNOTATION}: "${criSocket}"}}\nstatus:\n` +
    `  nodeInfo: {containerRuntimeVersion: "${runtime}", kubeletVersion: v1.23.17}\n`
}
