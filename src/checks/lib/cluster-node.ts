// SPDX-License-Identifier: Apache-2.0
import type {Proof, TargetName} from '../../model/check.ts'
import type {JsonObject} from '../../model/json.ts'
import {objectOf} from './pod-docker-use.ts'

/** What a Node object says of its node; empty texts for what it does not say. */
export interface ClusterNode {
  readonly name: string
  /** `v1.23.17` */
  readonly kubelet: string
  /** `docker`, `containerd`, `cri-o` */
  readonly runtime: string
  readonly runtimeVersion: string
  readonly windows: boolean
  /** of kubeadm: where it finds the runtime of this node */
  readonly criSocket: string
  readonly labels: JsonObject
  readonly annotations: JsonObject
}

export const CRI_SOCKET_ANNOTATION = 'kubeadm.alpha.kubernetes.io/cri-socket'

/** Reads a Node object. `containerRuntimeVersion` is `NAME://VERSION`, as the runtime answers the CRI's Version; both are the runtime's own words. */
export function clusterNodeOf(value: JsonObject): ClusterNode {
  const metadata = objectOf(value['metadata'])
  const info = objectOf(objectOf(value['status'])['nodeInfo'])
  const [labels, annotations] = [objectOf(metadata['labels']), objectOf(metadata['annotations'])]
  const [, runtime = '', runtimeVersion = ''] = /^([\w.-]{1,40}):\/\/(.{0,200})$/.exec(text(info['containerRuntimeVersion'])) ?? []
  return {
    name: text(metadata['name']), kubelet: text(info['kubeletVersion']), runtime, runtimeVersion, labels, annotations,
    windows: text(info['operatingSystem']) === 'windows' || text(labels['kubernetes.io/os']) === 'windows', criSocket: text(annotations[CRI_SOCKET_ANNOTATION]),
  }
}

/** What a Node object says of its runtime, as evidence. */
export function nodeInfoProofs({kubelet, runtime, runtimeVersion}: ClusterNode): readonly Proof[] {
  return [
    ...(runtime === '' ? [] : [{source: 'status.nodeInfo.containerRuntimeVersion', text: `${runtime}://${runtimeVersion}`}]),
    ...(kubelet === '' ? [] : [{source: 'status.nodeInfo.kubeletVersion', text: kubelet}]),
  ]
}

/** Whose CRI socket a path is, where its name tells. */
export function runtimeOfSocket(socket: string): TargetName | 'dockershim' | undefined {
  const path = socket.toLowerCase().replaceAll('\\', '/')
  if (/dockershim(?:\.sock)?$/.test(path)) return 'dockershim'
  if (/cri-?dockerd?(?:\.sock)?$/.test(path)) return 'cri-dockerd'
  if (/containerd-containerd$|containerd\.sock$/.test(path)) return path.includes('/docker/') ? undefined : 'containerd'
  return path.endsWith('/crio.sock') ? 'cri-o' : undefined
}

/** Where the runtimes listen by default. */
export const SOCKETS: Readonly<Record<TargetName, string>> = {
  containerd: 'unix:///run/containerd/containerd.sock', 'cri-o': 'unix:///var/run/crio/crio.sock', 'cri-dockerd': 'unix:///run/cri-dockerd.sock',
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
