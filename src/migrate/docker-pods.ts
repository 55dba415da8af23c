// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer} from './machine.ts'

/** What dockershim and cri-dockerd write on each container of a pod. */
const POD_UID = 'io.kubernetes.pod.uid'
const TYPE = 'io.kubernetes.docker.type'

export function isOfPod({labels}: DockerContainer): boolean {
  return Object.hasOwn(labels, POD_UID)
}

export function isSandbox(container: DockerContainer): boolean {
  return isOfPod(container) && container.labels[TYPE] === 'podsandbox'
}

/** `shop/web-0` */
export function podOf({labels}: DockerContainer): {readonly namespace: string; readonly name: string} {
  return {namespace: labels['io.kubernetes.pod.namespace'] ?? '', name: labels['io.kubernetes.pod.name'] ?? ''}
}
