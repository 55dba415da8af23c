// SPDX-License-Identifier: Apache-2.0
import type {JsonObject} from '../../model/json.ts'
import {type ClusterNode, clusterNodeOf, nodeInfoProofs} from '../lib/cluster-node.ts'
import {objectCheck, problem} from '../lib/define.ts'

interface Manager {
  readonly name: string
  /** labels, or annotations, of its nodes; a value where the key alone says too little */
  readonly marks: readonly {readonly key: string; readonly value?: string}[]
  readonly fix: string
}

/** Who makes nodes, and how he is told to make others. As of 2026-11, from the documentation of each. The first that fits is meant. */
const MANAGERS: readonly Manager[] = [
  {
    name: 'AKS', marks: [{key: 'kubernetes.azure.com/cluster'}, {key: 'kubernetes.azure.com/agentpool'}],
    fix: 'Upgrade the node pool with `az aks nodepool upgrade`: its node images have containerd since Kubernetes 1.19 (Windows 1.23).',
  },
  {
    name: 'EKS', marks: [{key: 'eks.amazonaws.com/nodegroup'}, {key: 'alpha.eksctl.io/nodegroup-name'}],
    fix:
      'Make a new node group of an image with containerd (EKS images have no Docker since 1.24), move the pods, delete the old group. ' +
      'User data that edits /etc/docker or passes --container-runtime has to go.',
  },
  {
    name: 'GKE', marks: [{key: 'cloud.google.com/gke-nodepool'}],
    fix:
      'Change the image type of the node pool: `gcloud container clusters upgrade CLUSTER --image-type cos_containerd --node-pool ' +
      'POOL` (ubuntu_containerd, for Ubuntu).',
  },
  {
    name: 'OpenShift', marks: [{key: 'node.openshift.io/os_id'}],
    fix: 'OpenShift 4 runs CRI-O, and Machine Config changes nodes: do not change the runtime by hand. From OpenShift 3 move to a new cluster.',
  },
  {
    name: 'RKE2', marks: [{key: 'rke2.io/hostname'}, {key: 'rke2.io/node-args'}, {key: 'node.kubernetes.io/instance-type', value: 'rke2'}],
    fix: 'RKE2 brings a containerd of its own: configure that, in /var/lib/rancher/rke2/agent/etc/containerd, and leave other runtimes off the node.',
  },
  {
    name: 'k3s', marks: [{key: 'k3s.io/hostname'}, {key: 'k3s.io/node-args'}, {key: 'node.kubernetes.io/instance-type', value: 'k3s'}],
    fix:
      'Take `--docker` out of the arguments of k3s (the unit, /etc/rancher/k3s/config.yaml) and restart it ' +
      'after a drain: it brings a containerd of its own.',
  },
  {
    name: 'RKE', marks: [{key: 'rke.cattle.io/internal-ip'}, {key: 'rke.cattle.io/external-ip'}],
    fix:
      'RKE runs Kubernetes itself in Docker: `enable_cri_dockerd: true` in cluster.yml keeps it on Docker; for another runtime make an ' +
      'RKE2 cluster and move the workloads.',
  },
  {
    name: 'kops', marks: [{key: 'kops.k8s.io/instancegroup'}],
    fix:
      'Set `spec.containerRuntime: containerd` of the cluster, `kops update cluster --yes`, and `kops ' +
      'rolling-update cluster --yes` replaces the nodes.',
  },
]

export const checks = [
  objectCheck({
    id: 'managed-node',
    title: {pass: 'No node that something else manages is to change its runtime', fail: 'A node that is to change its runtime is managed'},
    why:
      'What made the node also sets its runtime: a change by hand is undone with the next upgrade or repair of the node, or takes it ' +
      'out of support. Such nodes are replaced, not changed.',
    severity: 'info',
    fix: 'Change the runtime where the nodes are defined, and replace them.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
    unproven: 'Taken from the documentation of the distributions: none of them was looked at.',
    kinds: ['Node'],
    run({value}, {target}) {
      const node = clusterNodeOf(value)
      const changes = node.runtime !== '' && node.runtime !== target && !(node.runtime === 'docker' && target === 'cri-dockerd')
      const found = changes ? managerOf(node) : undefined
      if (found === undefined) return []
      const {manager, where, key, text} = found
      const sentence = `Node ${node.name} runs on ${node.runtime} and is managed by ${manager.name}: replace it instead of changing it.`
      return [problem(manager.name, sentence, {
        fix: manager.fix, evidence: [{source: `metadata.${where}["${key}"]`, text}, ...nodeInfoProofs(node)], path: ['metadata', where, key],
      })]
    },
    examples: {
      fail: [
        {manifest: nodeOf('docker://20.10.24', 'labels: {cloud.google.com/gke-nodepool: pool-1}')},
        {manifest: nodeOf('docker://20.10.24', 'annotations: {k3s.io/hostname: n1}')},
        {manifest: nodeOf('containerd://1.7.20', 'labels: {kubernetes.azure.com/cluster: x}'), upgrade: {target: 'cri-o'}},
      ],
      pass: [
        {manifest: nodeOf('containerd://1.7.20', 'labels: {cloud.google.com/gke-nodepool: pool-1}')},
        {manifest: nodeOf('docker://20.10.24', 'labels: {node.kubernetes.io/instance-type: m5.large}')},
        {manifest: nodeOf('docker://20.10.24', 'annotations: {rke.cattle.io/internal-ip: 10.0.0.1}'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

interface FoundManager {
  readonly manager: Manager
  readonly where: 'labels' | 'annotations'
  readonly key: string
  readonly text: string
}

function managerOf({labels, annotations}: ClusterNode): FoundManager | undefined {
  for (const manager of MANAGERS) {
    for (const {key, value} of manager.marks) {
      for (const [where, members] of [['labels', labels], ['annotations', annotations]] as const) {
        const text = textOf(members, key)
        if (text !== undefined && (value === undefined || text === value)) return {manager, where, key, text}
      }
    }
  }
  return undefined
}

function textOf(members: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(members, key) ? members[key] : undefined
  return typeof value === 'string' ? value : undefined
}

function nodeOf(runtime: string, metadata: string): string {
  return `apiVersion: v1\nkind: Node\nmetadata: {name: n1, ${metadata}}\nstatus:\n` +
    `  nodeInfo: {containerRuntimeVersion: "${runtime}", kubeletVersion: v1.23.17, operatingSystem: linux}\n`
}
