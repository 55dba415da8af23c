// SPDX-License-Identifier: Apache-2.0
import type {Proof, TargetName} from '../../model/check.ts'
import type {PodTemplate} from '../../model/kubernetes.ts'
import {type HostMount, hostMountsOf, seenAt} from './pod-paths.ts'

/** The CRI socket of each target on Linux. */
export const CRI_SOCKET: Readonly<Record<TargetName, string>> = {
  containerd: '/run/containerd/containerd.sock', 'cri-o': '/run/crio/crio.sock', 'cri-dockerd': '/run/cri-dockerd.sock',
}

/** The same on Windows, as hostPathOf() writes it. CRI-O has none. */
const CRI_PIPE: Readonly<Partial<Record<TargetName, string>>> = {
  containerd: '\\\\.\\pipe\\containerd-containerd', 'cri-dockerd': '\\\\.\\pipe\\cri-dockerd',
}

/** Mounts by host path, as one volume is mostly mounted by several containers. */
export function byHostPath(mounts: readonly HostMount[]): readonly (readonly [string, readonly [HostMount, ...HostMount[]]])[] {
  return [...Map.groupBy(mounts, ({path}) => path)] as never
}

/** Whether a container of the pod sees the CRI socket of the target. */
export function seesCriSocket(pod: PodTemplate, target: TargetName): boolean {
  return hostMountsOf(pod).some((mount) => mount.path === CRI_PIPE[target] || seenAt(mount, CRI_SOCKET[target]) !== undefined)
}

/** `Container "a" mounts`, `Containers "a" and "b" mount` */
export function mountText(mounts: readonly HostMount[]): string {
  const names = [...new Set(mounts.map(({container}) => `"${container.name}"`))]
  return names.length === 1 ? `Container ${names[0]} mounts` : `Containers ${names.slice(0, -1).join(', ')} and ${names.at(-1)} mount`
}

/** The declaration as it is written, and the mounts. */
export function mountProofs(mounts: readonly [HostMount, ...HostMount[]]): readonly Proof[] {
  const [{volume}] = mounts
  const type = volume.hostPath?.type ? `, type: ${volume.hostPath.type}` : ''
  return [
    {source: `volume ${volume.name}`, text: `hostPath: ${volume.hostPath?.path}${type}`},
    ...mounts.map(({container, mountPath}) => ({source: `container ${container.name}`, text: `mountPath: ${mountPath}`})),
  ]
}

/** Whether the kubelet refuses to start the pod once the path is no socket or no file any more; by `type` of the volume. */
export function mustExist(type: string | undefined): boolean {
  return type === 'Socket' || type === 'File'
}
