// SPDX-License-Identifier: Apache-2.0
import type {ClusterNode} from '../../model/fleet.ts'
import {isNodeName} from './config-map.ts'
import {listOf, memberOf, textOf} from './hostile.ts'

/** Labels by which providers and provisioners tell their groups of machines, from their documentation as of 2026-11. */
const POOL_LABELS = [
  'eks.amazonaws.com/nodegroup', 'cloud.google.com/gke-nodepool', 'kubernetes.azure.com/agentpool', 'karpenter.sh/nodepool',
  'kops.k8s.io/instancegroup', 'doks.digitalocean.com/node-pool', 'machine-deployment.cluster.x-k8s.io/name', 'cluster.x-k8s.io/deployment-name',
]
/** kubeadm: `control-plane` since Kubernetes 1.20, `master` until 1.24; others put the same. */
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

const LONGEST = 253

/** What a fleet needs of a Node object; undefined where it is none. */
export function clusterNodeOf(object: unknown): ClusterNode | undefined {
  const metadata = memberOf(object, 'metadata')
  const name = textOf(metadata, 'name')
  if (name === undefined || !isNodeName(name)) return undefined
  const [labels, status] = [memberOf(metadata, 'labels'), memberOf(object, 'status')]
  const info = memberOf(status, 'nodeInfo')
  const optional = {
    pool: POOL_LABELS.map((label) => textOf(labels, label)).find((pool) => pool !== undefined && pool !== ''),
    kubelet: textOf(info, 'kubeletVersion'), runtime: textOf(info, 'containerRuntimeVersion'), os: textOf(info, 'operatingSystem') || textOf(labels, 'kubernetes.io/os'),
  }
  return {
    name,
    controlPlane: CONTROL_PLANE_LABELS.some((label) => memberOf(labels, label) !== undefined),
    ready: listOf(status, 'conditions').some((condition) => textOf(condition, 'type') === 'Ready' && textOf(condition, 'status') === 'True'),
    ...Object.fromEntries(Object.entries(optional).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value.slice(0, LONGEST)]]))),
  }
}
